package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Optional;

/// What something usually takes, judged by its latest times: an average in which each new time
/// counts a fifth.
///
/// A time far above the average counts as four times the average only: one stumble of the machine
/// does not make something long that has always been short, and what has really become longer is
/// believed after a few times.
///
/// @param value empty until there is a time
public record Typical(Optional<Duration> value) {
  private static final int WEIGHT = 5;
  private static final int OUTLIER = 4;

  /// Below this, nothing is far above an average.
  private static final Duration NEXT_TO_NOTHING = Duration.ofMillis(10);

  /// Nothing is known.
  public static Typical unknown() {
    return new Typical(Optional.empty());
  }

  /// One more time has been seen.
  public Typical with(Duration time) {
    Duration before = value.orElse(time);
    Duration most = longer(before.multipliedBy(OUTLIER), NEXT_TO_NOTHING);
    Duration counted = time.compareTo(most) > 0 ? most : time;
    return new Typical(Optional.of(before.plus(counted.minus(before).dividedBy(WEIGHT))));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
