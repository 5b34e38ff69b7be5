package dev.slipway.controlplane.queue;

import dev.slipway.controlplane.storage.SharedTransactions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is out of a queue and not yet known to have arrived. It is kept until then, so that the
/// death of the server loses nothing: what was given to no get goes back to its place at the next
/// start, and a get that was about to be answered finds its items when it is tried again.
final class Deliveries {
  /// How long a get may be tried again. The client's longest pause between attempts is 30 s.
  static final Duration KEPT_FOR = Duration.ofMinutes(10);

  private static final Logger log = LoggerFactory.getLogger(Deliveries.class);

  private final SharedTransactions transactions;
  private final InstantSource clock;

  /// Answers of an earlier life of the server which perhaps nobody got.
  private final Map<TakenStore.Get, List<Item>> unanswered = new ConcurrentHashMap<>();

  Deliveries(SharedTransactions transactions, InstantSource clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  /// Takes up what an earlier life of the server left.
  void takeUp() {
    int partitions =
        transactions.run(
            handle -> TakenStore.putBackUngiven(handle, clock.instant().plus(Queues.DEFAULT_TTL)));
    unanswered.putAll(transactions.run(TakenStore::listGiven));
    if (partitions > 0 || !unanswered.isEmpty()) {
      log.info(
          "items of {} partitions went back; {} gets find their items if they are tried again",
          partitions,
          unanswered.size());
    }
  }

  /// What an earlier attempt of the get was to be answered with, in an earlier life of the server.
  Optional<List<Item>> findUnanswered(Partition partition, Optional<String> idempotencyKey) {
    return idempotencyKey.map(key -> unanswered.remove(new TakenStore.Get(partition, key)));
  }

  /// The items are for the get with this key, which is answered next.
  void give(Partition partition, Optional<String> idempotencyKey, List<Item> items) {
    // Who repeats nothing has its answer or is gone.
    TakenStore.Get get = new TakenStore.Get(partition, idempotencyKey.orElse(""));
    transactions.run(handle -> {
      TakenStore.give(handle, get, items);
      return items;
    });
  }

  /// The items have arrived at their get.
  void arrived(Partition partition, List<Item> items) {
    try {
      transactions.run(handle -> TakenStore.forget(handle, partition, items));
    } catch (RuntimeException e) {
      log.debug("{} delivered items of {} are forgotten later", items.size(), partition, e);
    }
  }

  void removeExpired() {
    transactions.run(handle -> TakenStore.forgetGiven(handle, clock.instant().minus(KEPT_FOR)));
  }
}
