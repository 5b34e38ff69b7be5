package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Optional;

/// How fast a function's containers are, as measured lately.
///
/// @param service what one input takes; empty until one has finished
/// @param start from a container's placement until it asks for inputs; of this function if known,
///   else of any, else a guess
public record Pace(Optional<Duration> service, Duration start) {
  /// How long a start takes as long as none was seen.
  public static final Duration USUAL_START = Duration.ofSeconds(1);

  /// The longest that inputs are left waiting for containers which are busy or on their way, where
  /// more containers are allowed: a function that starts slowly must not make its inputs queue up.
  static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private static final Duration SHORTEST_WAIT = Duration.ofMillis(200);

  /// The longest time after which more containers are tried while nothing is known of the inputs.
  private static final Duration LONGEST_TRIAL = Duration.ofSeconds(5);

  /// Nothing is known.
  public static Pace unknown() {
    return new Pace(Optional.empty(), USUAL_START);
  }

  /// How long an input may wait for a container that exists. Another container would be of no use
  /// sooner than this.
  Duration bearableWait() {
    return within(start, LONGEST_WAIT);
  }

  /// After how long a first container should have shown what the inputs take.
  Duration trial() {
    return within(start.multipliedBy(2), LONGEST_TRIAL);
  }

  private static Duration within(Duration time, Duration most) {
    if (time.compareTo(SHORTEST_WAIT) < 0) {
      return SHORTEST_WAIT;
    }
    return time.compareTo(most) > 0 ? most : time;
  }
}
