package dev.slipway.worker.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A group that exists once per hierarchy.
///
/// The container's processes sit in this very group and not in a child of it, since version 1
/// counts a killed process only in the group where it was.
final class CgroupV1 implements Cgroup {
  private static final Logger log = LoggerFactory.getLogger(CgroupV1.class);

  private final CgroupLayout.V1 layout;
  private final Path relative;

  CgroupV1(CgroupLayout.V1 layout, String parent, String name) {
    this.layout = layout;
    this.relative = Path.of(parent, name);
  }

  Path file(String controller, String name) {
    Path hierarchy =
        Optional.ofNullable(layout.hierarchies().get(controller))
            .orElseThrow(() -> new IllegalArgumentException("no controller " + controller));
    return hierarchy.resolve(relative).resolve(name);
  }

  @Override
  public List<Path> joinFiles() {
    return directories().stream().map(directory -> directory.resolve("cgroup.procs")).toList();
  }

  @Override
  public long outOfMemoryKills() {
    return CgroupFiles.number(file("memory", "memory.oom_control"), "oom_kill");
  }

  @Override
  public long peakMemoryBytes() {
    return CgroupFiles.number(file("memory", "memory.max_usage_in_bytes"));
  }

  @Override
  public List<Long> processes() {
    return CgroupFiles.processes(file("pids", ""));
  }

  @Override
  public void killAll() {
    freeze("FROZEN");
    // Signals to frozen processes wait for the thaw: after it, none of them runs another line, and
    // none can have forked in between.
    processes().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    freeze("THAWED");
    CgroupFiles.killAll(file("pids", ""));
  }

  @Override
  public boolean remove() {
    boolean gone = true;
    for (Path directory : directories()) {
      gone &= CgroupFiles.removeDirectory(directory);
    }
    return gone;
  }

  private List<Path> directories() {
    return layout.hierarchies().values().stream()
        .distinct()
        .map(hierarchy -> hierarchy.resolve(relative))
        .toList();
  }

  private void freeze(String state) {
    Path freezer = layout.hierarchies().get("freezer");
    if (freezer == null || processes().isEmpty()) {
      return;
    }
    try {
      Files.writeString(freezer.resolve(relative).resolve("freezer.state"), state);
    } catch (IOException e) {
      log.debug("the cgroup {} cannot be {}: {}", relative, state, e.toString());
    }
  }
}
