package dev.slipway.controlplane.retention;

import java.time.Instant;
import java.util.List;

/// The machines that keep layers and mounts.
public interface Storehouses {
  /// Those that are attached.
  List<String> listWorkers();

  /// What one keeps now.
  ///
  /// @throws dev.slipway.model.SlipwayException UNAVAILABLE when it does not say so in time
  Inventory ask(String worker) throws InterruptedException;

  /// Has one remove holdings, in this order. It leaves those that are in use, or were asked for
  /// since a moment of its own clock.
  ///
  /// @return the ids of those that it removed
  /// @throws dev.slipway.model.SlipwayException UNAVAILABLE when it does not answer in time
  List<String> remove(String worker, Instant unlessUsedSince, List<Holding> holdings)
      throws InterruptedException;
}
