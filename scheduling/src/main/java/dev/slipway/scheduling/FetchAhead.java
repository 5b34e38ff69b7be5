package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Optional;

/// How many inputs a container is handed at once that works on one at a time. While inputs are much
/// shorter than the way to the server and back, that way costs more than the work.
public final class FetchAhead {
  /// How long the last input of a handful may take to begin: short enough that no other container
  /// could have begun it much earlier.
  static final Duration HANDFUL = Duration.ofMillis(25);

  private FetchAhead() {}

  /// The number of inputs, at least one.
  ///
  /// @param service what one input takes, as measured lately; while nothing is known, one is handed
  ///   over at a time
  /// @param waiting inputs that wait
  /// @param containers those that serve the function: each gets its share of what waits
  /// @param most what the container's worker has room for
  public static int count(Optional<Duration> service, int waiting, int containers, int most) {
    if (service.isEmpty()) {
      return 1;
    }
    long begun = HANDFUL.toNanos() / Math.max(1, service.get().toNanos());
    long share = Math.ceilDiv(waiting, Math.max(1, containers));
    return (int) Math.max(1, Math.min(Math.min(begun, share), most));
  }
}
