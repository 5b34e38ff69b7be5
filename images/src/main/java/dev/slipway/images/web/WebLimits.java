package dev.slipway.images.web;

import java.time.Duration;

/// What one download may take.
///
/// @param bytes most bytes of a file
/// @param answer how long a server may take to connect and to begin an answer
/// @param stall how long it may pause within an answer
/// @param whole how long all of it may take
public record WebLimits(long bytes, Duration answer, Duration stall, Duration whole) {
  public static WebLimits usual() {
    return new WebLimits(
        2L << 30, Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofMinutes(10));
  }
}
