package dev.slipway.worker.agent;

import dev.slipway.protocol.worker.Holdings;
import dev.slipway.protocol.worker.HoldingsRemoved;
import dev.slipway.protocol.worker.ListHoldings;
import dev.slipway.protocol.worker.RemoveHoldings;
import java.io.IOException;

/// What a worker keeps that could be made or fetched again: layers and the trees of mounts.
public interface Storage {
  Holdings list(ListHoldings question) throws IOException;

  /// Removes what nobody uses; the rest stays.
  HoldingsRemoved remove(RemoveHoldings order);
}
