package dev.slipway.controlplane.image;

import java.time.Duration;

/// What a build may take.
///
/// @param timeout how long all its steps together may take
/// @param contextBytes what the files of its context may have together
public record BuildLimits(Duration timeout, long contextBytes) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofHours(1);
  public static final long DEFAULT_CONTEXT_MIB = 8_192;

  /// What holds unless set otherwise.
  public static BuildLimits usual() {
    return new BuildLimits(DEFAULT_TIMEOUT, DEFAULT_CONTEXT_MIB << 20);
  }
}
