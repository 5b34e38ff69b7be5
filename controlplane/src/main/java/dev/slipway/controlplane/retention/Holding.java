package dev.slipway.controlplane.retention;

import java.time.Instant;

/// Something that a machine keeps and that could be made or fetched again.
///
/// @param lastUsed by the machine's clock
/// @param users how many containers and builds stand on it now
public record Holding(Kind kind, String id, long sizeBytes, Instant lastUsed, int users) {
  public enum Kind {
    LAYER,
    MOUNT
  }
}
