package dev.slipway.worker.cgroup;

import java.nio.file.Path;
import java.util.List;

/// The control group of one container.
public sealed interface Cgroup permits CgroupV1, CgroupV2 {
  /// The files to which a process writes its number to join.
  List<Path> joinFiles();

  /// How many processes the kernel killed because the group, or the machine, ran out of memory.
  long outOfMemoryKills();

  /// Most memory the group ever held, in bytes; 0 when the kernel does not say.
  long peakMemoryBytes();

  /// Numbers of the processes in it, as this process sees them.
  List<Long> processes();

  /// Kills every process in it, and returns once they are gone or [CgroupFiles#PATIENCE] has
  /// passed.
  void killAll();

  /// Removes the group, waiting a moment for processes that are still ending.
  ///
  /// @return whether it is gone
  boolean remove();
}
