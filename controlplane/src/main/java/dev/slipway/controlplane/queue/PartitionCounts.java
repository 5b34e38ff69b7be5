package dev.slipway.controlplane.queue;

import dev.slipway.model.QueueId;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Keeps queues from having too many partitions. Counting them is dear when there are many, so it
/// happens only when there could be too many.
///
/// Used inside the transactions of queues only, and so by one thread.
final class PartitionCounts implements Put.PartitionLimit {
  private static final int MAX_KNOWN = 10_000;

  private final QueueStore store;
  private final InstantSource clock;

  /// What a queue has at most: what was counted last, and those that were added since.
  private final Map<QueueId, Integer> atMost = new HashMap<>();

  PartitionCounts(QueueStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  @Override
  public boolean admits(Handle handle, QueueId queue) {
    int count = atMost.getOrDefault(queue, Queues.MAX_PARTITIONS);
    if (count >= Queues.MAX_PARTITIONS) {
      store.removeIdle(handle, Optional.of(queue), clock.instant(), Queues.REMOVED_AT_ONCE);
      count = store.countPartitions(handle, queue);
    }
    if (atMost.size() >= MAX_KNOWN) {
      atMost.clear();
    }
    atMost.put(queue, count + 1);
    return count < Queues.MAX_PARTITIONS;
  }
}
