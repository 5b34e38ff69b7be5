package dev.slipway.controlplane.call;

/// How an input ended.
public enum OutcomeStatus {
  /// The function returned.
  SUCCESS,
  /// The function raised, or its container broke down.
  FAILURE,
  /// It was cancelled, or its app stopped.
  TERMINATED,
  /// It ran for longer than its function allows.
  TIMEOUT,
  /// Its container could not be made ready.
  INIT_FAILURE,
  /// The platform failed.
  INTERNAL_FAILURE,
  /// The kernel killed the container at its memory limit.
  OUT_OF_MEMORY;

  /// Whether another attempt could end differently and the function's retries apply.
  public boolean retryable() {
    return switch (this) {
      case FAILURE, TIMEOUT, OUT_OF_MEMORY -> true;
      case SUCCESS, TERMINATED, INIT_FAILURE, INTERNAL_FAILURE -> false;
    };
  }
}
