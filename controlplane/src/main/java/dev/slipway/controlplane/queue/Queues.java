package dev.slipway.controlplane.queue;

import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.rpc.TooLarge;
import dev.slipway.controlplane.storage.SharedTransactions;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.QueueId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rules of queues.
///
/// An item is in the database before its put is acknowledged, and out of it before its get is
/// answered: it is given to one get only. A put that is tried again adds its items once, and a get
/// that is tried again is given the same items, also when the server died meanwhile.
public final class Queues {
  /// Partitions of a queue that have items.
  public static final int MAX_PARTITIONS = 100_000;

  /// Items of one partition.
  public static final int MAX_ITEMS = 5_000;

  /// Bytes of one item.
  public static final int MAX_ITEM_BYTES = 1 << 20;

  /// Bytes of all items of one partition.
  public static final int MAX_PARTITION_BYTES = 64 << 20;

  /// How long a partition lasts after its last put, when the put does not say.
  public static final Duration DEFAULT_TTL = Duration.ofHours(24);

  public static final Duration MAX_TTL = Duration.ofDays(7);

  /// The longest that a get or a look at the next items may wait. The clients ask again after 50 s.
  static final Duration MAX_WAIT = Duration.ofSeconds(60);

  /// Items and bytes of one look at the next items.
  static final int MAX_NEXT_ITEMS = 100;

  static final long MAX_NEXT_BYTES = 4 << 20;

  /// How long a put may be tried again. The client's longest pause between attempts is 30 s.
  static final Duration DONE_KEPT_FOR = Duration.ofHours(1);

  static final int MAX_IDEMPOTENCY_KEY_LENGTH = 128;

  /// Partitions that are removed in one transaction.
  static final int REMOVED_AT_ONCE = 500;

  /// How long a database may be away when items have to go back.
  private static final Duration RESTORE_WITHIN = Duration.ofMinutes(2);

  private static final Duration RESTORE_PAUSE = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(Queues.class);

  private final SharedObjects objects;
  private final QueueStore store;
  private final SharedTransactions transactions;
  private final InstantSource clock;
  private final Lines lines;
  private final PartitionCounts partitionLimit;
  private final Deliveries deliveries;

  public Queues(
      SharedObjects objects,
      QueueStore store,
      SharedTransactions transactions,
      InstantSource clock) {
    this.objects = objects;
    this.store = store;
    this.transactions = transactions;
    this.clock = clock;
    this.partitionLimit = new PartitionCounts(store, clock);
    this.deliveries = new Deliveries(transactions, clock);
    this.lines = new Lines(this::source, Thread::startVirtualThread);
  }

  /// Takes up what an earlier life of the server left; before the first get.
  public void takeUp() {
    deliveries.takeUp();
  }

  /// Adds the values at the end of the partition, all or none.
  ///
  /// @param ttl how long the partition lasts after this
  /// @param idempotencyKey the same on every attempt of one put
  void put(
      WorkspaceId workspace,
      Partition partition,
      List<byte[]> values,
      Duration ttl,
      Optional<String> idempotencyKey) {
    require(workspace, partition.queue());
    Put put =
        new Put(
            partition,
            List.copyOf(values),
            requireSizes(values),
            requireTtl(ttl),
            idempotencyKey.map(Queues::requireKey));
    if (values.isEmpty()) {
      return;
    }
    CompletableFuture<PutOutcome> done =
        transactions.submit(handle -> put.perform(store, handle, partitionLimit, clock.instant()));
    done.thenAccept(outcome -> {
      if (outcome == PutOutcome.ADDED) {
        lines.arrived(partition);
      }
    });
    switch (outcome(partition.queue(), done)) {
      case ADDED, ADDED_BEFORE -> {}
      case PARTITION_FULL ->
          throw new SlipwayException(
              ErrorKind.EXHAUSTED,
              "the partition has no room for %d more items of %d bytes together; it holds %d items and %d bytes at most"
                  .formatted(values.size(), put.bytes(), MAX_ITEMS, MAX_PARTITION_BYTES));
      case TOO_MANY_PARTITIONS ->
          throw new SlipwayException(
              ErrorKind.EXHAUSTED,
              "the queue has %d partitions, and no more are allowed".formatted(MAX_PARTITIONS));
    }
  }

  /// Takes items off the front, as soon as there is one. Whoever gets them says whether they
  /// [arrived][#arrived] or must be [put back][#putBack].
  ///
  /// @param idempotencyKey the same on every attempt of one get
  /// @return none when the time was over
  List<Item> get(
      WorkspaceId workspace,
      Partition partition,
      int atMost,
      Duration wait,
      Optional<String> idempotencyKey)
      throws InterruptedException {
    require(workspace, partition.queue());
    if (atMost < 1) {
      throw new SlipwayException(
          ErrorKind.INVALID, "%d items are asked for; 1 or more are expected".formatted(atMost));
    }
    idempotencyKey.ifPresent(Queues::requireKey);
    Optional<List<Item>> before = deliveries.findUnanswered(partition, idempotencyKey);
    if (before.isPresent()) {
      return before.get();
    }
    List<Item> items;
    try (Lines.Place place = lines.enter(partition)) {
      // It may have been deleted before there was a line to be sent away from.
      require(workspace, partition.queue());
      items = place.line().take(Math.min(atMost, MAX_ITEMS), nanos(wait));
    }
    if (!items.isEmpty()) {
      give(partition, idempotencyKey, items);
    }
    return items;
  }

  private void give(Partition partition, Optional<String> idempotencyKey, List<Item> items) {
    try {
      deliveries.give(partition, idempotencyKey, items);
    } catch (RuntimeException e) {
      Thread.startVirtualThread(() -> putBack(partition, items));
      throw e;
    }
  }

  /// The answer with these items has reached its get.
  void arrived(Partition partition, List<Item> items) {
    if (!items.isEmpty()) {
      deliveries.arrived(partition, items);
    }
  }

  /// Gives items back whose get could not be answered.
  void putBack(Partition partition, List<Item> items) {
    if (!items.isEmpty()) {
      restore(partition, items);
      lines.arrived(partition);
    }
  }

  /// The items behind a position, without taking them; waits for the first.
  ///
  /// @return none when the time was over
  List<Item> next(WorkspaceId workspace, Partition partition, long behind, Duration wait)
      throws InterruptedException {
    require(workspace, partition.queue());
    long deadline = System.nanoTime() + nanos(wait);
    try (Lines.Place place = lines.enter(partition)) {
      require(workspace, partition.queue());
      while (true) {
        long seen = place.line().arrivals();
        List<Item> items =
            store.listBehind(partition, behind, MAX_NEXT_ITEMS, MAX_NEXT_BYTES, clock.instant());
        if (!items.isEmpty() || !place.line().awaitArrival(seen, deadline - System.nanoTime())) {
          return items;
        }
      }
    }
  }

  /// How many items the partition has.
  int length(WorkspaceId workspace, Partition partition) {
    require(workspace, partition.queue());
    return store.count(partition, clock.instant());
  }

  /// How much is in the queue.
  QueueSize size(WorkspaceId workspace, QueueId queue) {
    require(workspace, queue);
    return sizes(List.of(queue)).getOrDefault(queue, QueueSize.EMPTY);
  }

  /// The sizes of those of the queues that have items.
  Map<QueueId, QueueSize> sizes(Collection<QueueId> queues) {
    return store.sizes(queues, clock.instant());
  }

  /// Removes all items of the partition.
  void clear(WorkspaceId workspace, Partition partition) {
    require(workspace, partition.queue());
    transactions.run(handle -> store.remove(handle, partition));
  }

  /// Removes all items of all partitions.
  void clear(WorkspaceId workspace, QueueId queue) {
    require(workspace, queue);
    transactions.run(handle -> store.removeAll(handle, queue));
  }

  /// Deletes the queue; who waits for its items is told.
  void delete(WorkspaceId workspace, QueueId queue) {
    objects.delete(workspace, ObjectKind.QUEUE, queue.value());
    sendAway(queue.value());
  }

  /// Deletes the queues of an environment.
  public void deleteAll(EnvironmentId environment) {
    objects.deleteAll(environment, ObjectKind.QUEUE).forEach(this::sendAway);
  }

  /// Deletes ephemeral queues whose heartbeats are missing.
  public void deleteSilent() {
    objects.deleteSilent(ObjectKind.QUEUE).forEach(this::sendAway);
  }

  /// Removes partitions whose time is over or that are empty, and forgets puts that are old.
  public void removeExpired() {
    int removed;
    do {
      removed =
          transactions.run(handle ->
              store.removeIdle(handle, Optional.empty(), clock.instant(), REMOVED_AT_ONCE));
    } while (removed == REMOVED_AT_ONCE);
    transactions.run(handle -> store.forgetDone(handle, clock.instant().minus(DONE_KEPT_FOR)));
    deliveries.removeExpired();
  }

  /// At how many partitions somebody waits.
  int linesInUse() {
    return lines.size();
  }

  private void require(WorkspaceId workspace, QueueId queue) {
    objects.require(workspace, ObjectKind.QUEUE, queue.value());
  }

  private void sendAway(String queue) {
    lines.close(
        new QueueId(queue),
        new SlipwayException(ErrorKind.NOT_FOUND, "the queue '" + queue + "' was deleted"));
  }

  private PutOutcome outcome(QueueId queue, CompletableFuture<PutOutcome> done) {
    try {
      return SharedTransactions.await(done);
    } catch (RuntimeException e) {
      throw objects.explain(e, ObjectKind.QUEUE, queue.value());
    }
  }

  private Line.Source source(Partition partition) {
    return new Line.Source() {
      @Override
      public CompletableFuture<List<Item>> take(int atMost) {
        return transactions.submit(
            handle -> store.take(handle, partition, atMost, clock.instant()));
      }

      @Override
      public void putBack(List<Item> items) {
        restore(partition, items);
      }
    };
  }

  /// Nobody else remembers these items: a database that is away is waited for.
  private void restore(Partition partition, List<Item> items) {
    Instant deadline = clock.instant().plus(RESTORE_WITHIN);
    while (true) {
      try {
        transactions.run(
            handle -> store.restore(handle, partition, items, clock.instant().plus(DEFAULT_TTL)));
        return;
      } catch (RuntimeException e) {
        RuntimeException failure = objects.explain(e, ObjectKind.QUEUE, partition.queue().value());
        if (failure instanceof SlipwayException gone && gone.kind() == ErrorKind.NOT_FOUND) {
          return;
        }
        if (clock.instant().isAfter(deadline) || !pause()) {
          log.error(
              "{} items of {} could not be put back and are lost", items.size(), partition, e);
          return;
        }
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(RESTORE_PAUSE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static long requireSizes(List<byte[]> values) {
    if (values.size() > MAX_ITEMS) {
      throw TooLarge.refusal(
          "%d items are put at once; a partition holds %d".formatted(values.size(), MAX_ITEMS));
    }
    long bytes = 0;
    for (byte[] value : values) {
      if (value.length > MAX_ITEM_BYTES) {
        throw TooLarge.refusal(
            "an item of %d bytes is put; one has at most %d"
                .formatted(value.length, MAX_ITEM_BYTES));
      }
      bytes += value.length;
    }
    if (bytes > MAX_PARTITION_BYTES) {
      throw TooLarge.refusal(
          "items of %d bytes together are put at once; a partition holds %d"
              .formatted(bytes, MAX_PARTITION_BYTES));
    }
    return bytes;
  }

  private static Duration requireTtl(Duration ttl) {
    if (!ttl.isPositive() || ttl.compareTo(MAX_TTL) > 0) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the partition is to last for %d s; between 1 and %d are expected"
              .formatted(ttl.toSeconds(), MAX_TTL.toSeconds()));
    }
    return ttl;
  }

  private static String requireKey(String key) {
    if (key.length() > MAX_IDEMPOTENCY_KEY_LENGTH) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the idempotency key has %d characters; at most %d are accepted"
              .formatted(key.length(), MAX_IDEMPOTENCY_KEY_LENGTH));
    }
    return key;
  }

  private static long nanos(Duration wait) {
    return (wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait).toNanos();
  }
}
