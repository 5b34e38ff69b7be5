package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Locale;

/// Durations as people say them.
final class Durations {
  private static final Duration LONG = Duration.ofSeconds(10);

  private Durations() {}

  static String text(Duration duration) {
    if (duration.toMillis() < 1_000) {
      return duration.toMillis() + " ms";
    }
    return duration.compareTo(LONG) < 0
        ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
        : duration.toSeconds() + " s";
  }
}
