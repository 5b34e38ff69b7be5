package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Optional;

/// What something usually takes, judged by its latest times: an average in which each new time
/// counts a fifth.
///
/// @param value empty until there is a time
public record Typical(Optional<Duration> value) {
  private static final int WEIGHT = 5;

  /// Nothing is known.
  public static Typical unknown() {
    return new Typical(Optional.empty());
  }

  /// One more time has been seen.
  public Typical with(Duration time) {
    Duration before = value.orElse(time);
    return new Typical(Optional.of(before.plus(time.minus(before).dividedBy(WEIGHT))));
  }
}
