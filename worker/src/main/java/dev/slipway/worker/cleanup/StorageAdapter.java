package dev.slipway.worker.cleanup;

import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.Holding;
import dev.slipway.protocol.worker.Holdings;
import dev.slipway.protocol.worker.HoldingsRemoved;
import dev.slipway.protocol.worker.ListHoldings;
import dev.slipway.protocol.worker.RemoveHoldings;
import dev.slipway.worker.agent.Storage;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.Uses;
import dev.slipway.worker.rootfs.MountTrees;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says what layers and mounts are here, and removes those that the control plane names and nobody
/// uses.
public final class StorageAdapter implements Storage {
  private static final Logger log = LoggerFactory.getLogger(StorageAdapter.class);

  private final LayerStore layers;
  private final MountTrees mounts;
  private final Clock clock;

  public StorageAdapter(LayerStore layers, MountTrees mounts, Clock clock) {
    this.layers = layers;
    this.mounts = mounts;
    this.clock = clock;
  }

  @Override
  public Holdings list(ListHoldings question) throws IOException {
    Holdings.Builder holdings =
        Holdings.newBuilder().setRequestId(question.getRequestId()).setAtMs(clock.millis());
    for (Layer layer : layers.list()) {
      holdings.addLayers(holding(layer.id().value(), layer.sizeBytes(), layers.standing(layer)));
    }
    for (MountTrees.Held held : mounts.list()) {
      holdings.addMounts(holding(held.id().value(), held.sizeBytes(), held.standing()));
    }
    return holdings.build();
  }

  private static Holding.Builder holding(String id, long size, Uses.Standing standing) {
    return Holding.newBuilder()
        .setId(id)
        .setSizeBytes(size)
        .setLastUsedMs(standing.lastUsed().toEpochMilli())
        .setUsers(standing.holders());
  }

  /// Something that may be removed.
  private interface Removal {
    boolean remove(Instant since) throws IOException;
  }

  @Override
  public HoldingsRemoved remove(RemoveHoldings order) {
    Instant since = Instant.ofEpochMilli(order.getUnlessUsedSinceMs());
    HoldingsRemoved.Builder removed =
        HoldingsRemoved.newBuilder().setRequestId(order.getRequestId());
    for (String id : order.getLayerIdsList()) {
      if (removed(id, since, moment -> layers.removeUnlessUsed(new LayerId(id), moment))) {
        removed.addIds(id);
      }
    }
    for (String id : order.getMountIdsList()) {
      if (removed(id, since, moment -> mounts.removeUnlessUsed(new MountId(id), moment))) {
        removed.addIds(id);
      }
    }
    return removed.build();
  }

  /// One that cannot be removed does not keep the others.
  private static boolean removed(String id, Instant since, Removal removal) {
    try {
      return removal.remove(since);
    } catch (IOException | SlipwayException e) {
      log.warn("{} could not be removed: {}", id, e.toString());
      return false;
    }
  }
}
