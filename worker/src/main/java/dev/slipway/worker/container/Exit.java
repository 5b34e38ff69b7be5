package dev.slipway.worker.container;

/// How a container ended.
///
/// @param code exit status of its process; 128 + signal number when a signal ended it
/// @param cause what ended it
/// @param peakMemoryBytes most memory it ever held; 0 when the kernel does not say
/// @param sentence for the user
public record Exit(int code, Cause cause, long peakMemoryBytes, String sentence) {
  /// What ended a container.
  public enum Cause {
    /// The process ended by itself.
    EXITED,
    /// The kernel killed it at its memory limit.
    OUT_OF_MEMORY,
    /// It ended after [RunningContainer#interrupt] or [RunningContainer#kill].
    STOPPED
  }

  public boolean outOfMemory() {
    return cause == Cause.OUT_OF_MEMORY;
  }
}
