package dev.slipway.controlplane.retention;

import java.time.Instant;
import java.util.List;

/// All that a machine keeps.
///
/// @param at when it looked, by its own clock
public record Inventory(Instant at, List<Holding> holdings) {
  public Inventory {
    holdings = List.copyOf(holdings);
  }
}
