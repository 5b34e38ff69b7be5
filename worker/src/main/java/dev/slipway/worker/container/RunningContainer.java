package dev.slipway.worker.container;

/// A container whose first process exists.
public interface RunningContainer {
  String id();

  /// Sends SIGINT to the container's process, on which Python runs its exit hooks. Does nothing
  /// once it ended.
  void interrupt();

  /// Kills every process of the container. Does nothing once it ended.
  void kill();

  /// Waits until the container is gone: its output is delivered to the sink, and its processes,
  /// cgroup and network namespace are cleaned up. The root file system stays with the caller.
  Exit waitForExit() throws InterruptedException;
}
