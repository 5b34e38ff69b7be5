package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Optional;

/// Decides whether an input that failed is tried again, and after how long.
///
/// @param retries how many more attempts after the first
/// @param initialDelay before the second attempt
/// @param backoffCoefficient what each further delay is multiplied with
/// @param maxDelay no delay is longer
public record Retry(
    int retries, Duration initialDelay, double backoffCoefficient, Duration maxDelay) {

  /// Never tries again.
  public static Retry none() {
    return new Retry(0, Duration.ZERO, 1, Duration.ZERO);
  }

  /// The delay before the next attempt, or empty when the failure is final.
  ///
  /// @param failedAttempts attempts that failed so far, at least 1
  public Optional<Duration> delayAfter(int failedAttempts) {
    if (failedAttempts > retries) {
      return Optional.empty();
    }
    double millis =
        initialDelay.toMillis() * Math.pow(Math.max(1, backoffCoefficient), failedAttempts - 1);
    return Optional.of(Duration.ofMillis((long) Math.min(millis, maxDelay.toMillis())));
  }
}
