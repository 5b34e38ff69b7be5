package dev.slipway.controlplane.log;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.time.Instant;

/// A time, in nanoseconds since the epoch.
///
/// @param since its first nanosecond
/// @param until the first one behind it
record NanoRange(long since, long until) {
  /// Longest time that one question may be about.
  static final Duration MAX_LENGTH = Duration.ofDays(35);

  /// The condition on a row.
  static final String SQL = " and at_ns >= :since and at_ns < :until";

  /// @throws SlipwayException INVALID when the time is longer than allowed
  static NanoRange of(Instant since, Instant until) {
    if (Duration.between(since, until).compareTo(MAX_LENGTH) > 0) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "logs are told of at most %d days at once; from %s to %s is more"
              .formatted(MAX_LENGTH.toDays(), since, until));
    }
    return new NanoRange(nanos(since), nanos(until));
  }

  private static long nanos(Instant instant) {
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    } catch (ArithmeticException e) {
      throw new SlipwayException(
          ErrorKind.INVALID, "no log line can be of " + instant + ": that is too far away", e);
    }
  }
}
