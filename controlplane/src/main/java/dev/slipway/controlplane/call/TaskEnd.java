package dev.slipway.controlplane.call;

/// Why a container is gone, as far as its inputs are concerned.
///
/// @param reason one sentence for the user
public record TaskEnd(Kind kind, String reason) {
  /// What becomes of the inputs that the container worked on.
  public enum Kind {
    /// It broke down: a failed attempt.
    CRASHED,
    /// It reached its memory limit: a failed attempt.
    OUT_OF_MEMORY,
    /// The platform took it away: the inputs run elsewhere, and the attempt does not count.
    WITHDRAWN,
    /// Its app is over: the inputs end.
    APP_STOPPED;

    /// Whether it is an attempt of the inputs that failed.
    boolean countsAsAttempt() {
      return switch (this) {
        case CRASHED, OUT_OF_MEMORY -> true;
        case WITHDRAWN, APP_STOPPED -> false;
      };
    }
  }
}
