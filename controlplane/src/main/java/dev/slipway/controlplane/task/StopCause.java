package dev.slipway.controlplane.task;

/// Why the platform ends a container.
public enum StopCause {
  /// It had nothing to do for its window.
  IDLE,
  /// Others need the room that it takes.
  MAKES_ROOM,
  /// Its app is over.
  APP_STOPPED,
  /// One of its inputs ran out of time or would not be cancelled.
  INPUT_OVERDUE,
  /// A newer version of its function takes the inputs.
  REPLACED,
  /// It did not ask for inputs in time.
  STARTUP_TIMEOUT,
  /// It has not been heard of.
  SILENT,
  /// Somebody asked for it.
  REQUESTED
}
