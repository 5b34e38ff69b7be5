package dev.slipway.controlplane.image;

import dev.slipway.model.BuildId;
import dev.slipway.model.ImageId;
import java.time.Instant;

/// When the build of an image ran.
///
/// @param start not after its first word
/// @param end after its last word; of one that runs, now
record BuildTimes(ImageId image, BuildId build, Instant start, Instant end) {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /// The same, wide enough for a log.
  ///
  /// @param first when its first entry was written, in nanoseconds since the epoch
  /// @param last when the last one was
  BuildTimes withLog(long first, long last) {
    Instant begun = instant(first);
    Instant over = instant(last).plusMillis(1);
    return new BuildTimes(
        image, build, begun.isBefore(start) ? begun : start, over.isAfter(end) ? over : end);
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
  }
}
