package dev.slipway.worker.build;

/// How much of a machine's disk builds may take.
///
/// @param layerBytes most bytes of one layer
/// @param freeBytes how much of the disk builds leave free: whatever else uses it goes on
public record BuildRoom(long layerBytes, long freeBytes) {
  /// What one layer may have, unless set otherwise.
  public static final long DEFAULT_LAYER_MIB = 32_768;

  /// More than what uploads of clients leave free, so that builds end before those are refused.
  public static final long DEFAULT_FREE_BYTES = 1L << 30;
}
