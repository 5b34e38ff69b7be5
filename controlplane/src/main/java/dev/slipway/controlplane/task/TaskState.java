package dev.slipway.controlplane.task;

/// The states of a task. A task only ever moves down this list.
public enum TaskState {
  /// A worker was chosen and told.
  PLACED,
  /// Its first process exists.
  STARTED,
  /// It asks for inputs.
  READY,
  /// It was told to leave.
  LEAVING,
  /// It is gone and nothing of it is left.
  ENDED
}
