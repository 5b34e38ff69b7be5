package dev.slipway.controlplane.retention;

import java.time.Duration;

/// How much a machine keeps.
///
/// @param budgetBytes what all layers and mounts of one machine may have together before those go
///   that nobody needs
/// @param keepUnused how long they stay after their last use in any case
public record RetentionLimits(long budgetBytes, Duration keepUnused) {
  /// Half of what a small machine's disk has.
  public static final long DEFAULT_BUDGET_MIB = 50L << 10;

  public static final Duration DEFAULT_KEEP_UNUSED = Duration.ofHours(24);
}
