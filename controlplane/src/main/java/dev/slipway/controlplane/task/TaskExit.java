package dev.slipway.controlplane.task;

import dev.slipway.model.TaskId;

/// How a container ended, as its worker saw it.
///
/// @param exitCode of the first process; 128 + signal number when a signal ended it
/// @param reason one sentence for the user
public record TaskExit(TaskId task, Cause cause, int exitCode, String reason) {
  /// What ended it.
  public enum Cause {
    /// It ended by itself.
    EXITED,
    /// The kernel killed it at its memory limit.
    OUT_OF_MEMORY,
    /// It was stopped on request.
    STOPPED,
    /// It never started.
    START_FAILED,
    /// Its worker went down, or cannot be reached.
    WORKER_LOST
  }
}
