package dev.slipway.controlplane.queue;

import dev.slipway.model.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// A put, in the transaction that decides and does it.
///
/// @param bytes of all values together
/// @param idempotencyKey the same on every attempt of one put
record Put(
    Partition partition,
    List<byte[]> values,
    long bytes,
    Duration ttl,
    Optional<String> idempotencyKey) {
  /// Whether a queue may have one more partition.
  @FunctionalInterface
  interface PartitionLimit {
    boolean admits(Handle handle, QueueId queue);
  }

  PutOutcome perform(QueueStore store, Handle handle, PartitionLimit limit, Instant now) {
    QueueId queue = partition.queue();
    if (idempotencyKey.isPresent() && store.isDone(handle, queue, idempotencyKey.get())) {
      return PutOutcome.ADDED_BEFORE;
    }
    Optional<QueueStore.Fill> fill = store.findFill(handle, partition);
    if (fill.isPresent() && !fill.get().expiresAt().isAfter(now)) {
      store.remove(handle, partition);
      fill = Optional.empty();
    }
    if (fill.isEmpty() && !limit.admits(handle, queue)) {
      return PutOutcome.TOO_MANY_PARTITIONS;
    }
    if (fill.isPresent() && !hasRoom(fill.get())) {
      return PutOutcome.PARTITION_FULL;
    }
    store.add(handle, partition, values, bytes, now.plus(ttl));
    idempotencyKey.ifPresent(key -> store.saveDone(handle, queue, key, now));
    return PutOutcome.ADDED;
  }

  private boolean hasRoom(QueueStore.Fill fill) {
    return fill.items() + values.size() <= Queues.MAX_ITEMS
        && fill.bytes() + bytes <= Queues.MAX_PARTITION_BYTES;
  }
}
