package dev.slipway.controlplane.queue;

import dev.slipway.model.QueueId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// Items on their way from a queue to a get, in the database. All of it is work for the one
/// transaction that the writers of queues share.
final class TakenStore {
  /// A get that was about to be answered when the server died.
  ///
  /// @param idempotencyKey the same on every attempt of it
  record Get(Partition partition, String idempotencyKey) {}

  private record Row(Get get, Item item) {}

  private TakenStore() {}

  /// The items are for this get, and it is answered after this.
  static void give(Handle handle, Get get, List<Item> items) {
    handle
        .createUpdate(
            """
            update queue_taken set given_to = :key
            where queue_id = :queue and partition = :partition and position = any(:positions)
            """)
        .registerArrayType(Long.class, "bigint")
        .bind("queue", get.partition().queue().value())
        .bind("partition", get.partition().key())
        .bind("key", get.idempotencyKey())
        .bindArray("positions", Long.class, items.stream().map(Item::position).toList())
        .execute();
  }

  /// The items have arrived.
  static int forget(Handle handle, Partition partition, List<Item> items) {
    return handle
        .createUpdate(
            """
            delete from queue_taken
            where queue_id = :queue and partition = :partition and position = any(:positions)
            """)
        .registerArrayType(Long.class, "bigint")
        .bind("queue", partition.queue().value())
        .bind("partition", partition.key())
        .bindArray("positions", Long.class, items.stream().map(Item::position).toList())
        .execute();
  }

  /// Puts back what an earlier life of the server took and gave to nobody. The number of items.
  ///
  /// @param expiresAt until when a partition lasts that is gone meanwhile
  static int putBackUngiven(Handle handle, Instant expiresAt) {
    return handle
        .createUpdate(
            """
            with gone as (
              delete from queue_taken where given_to is null
              returning queue_id, partition, position, value
            ), back as (
              insert into queue_item (queue_id, partition, position, value)
              select queue_id, partition, position, value from gone
              on conflict do nothing
              returning queue_id, partition, value
            )
            insert into queue_partition (queue_id, key, items, bytes, expires_at)
            select queue_id, partition, count(*), sum(octet_length(value)), :expiresAt
            from back group by queue_id, partition
            on conflict (queue_id, key) do update
              set items = queue_partition.items + excluded.items,
                  bytes = queue_partition.bytes + excluded.bytes
            """)
        .bind("expiresAt", expiresAt.atOffset(ZoneOffset.UTC))
        .execute();
  }

  /// What an earlier life of the server was answering gets with, in order; of those that can be
  /// tried again.
  static Map<Get, List<Item>> listGiven(Handle handle) {
    Map<Get, TreeMap<Long, Item>> found = new HashMap<>();
    handle
        .createQuery(
            """
            select queue_id, partition, position, value, given_to from queue_taken
            where given_to <> ''
            """)
        .map((row, context) ->
            new Row(
                new Get(
                    new Partition(
                        new QueueId(row.getString("queue_id")), row.getBytes("partition")),
                    row.getString("given_to")),
                new Item(row.getLong("position"), row.getBytes("value"))))
        .list()
        .forEach(row ->
            found
                .computeIfAbsent(row.get(), get -> new TreeMap<>())
                .put(row.item().position(), row.item()));
    Map<Get, List<Item>> given = new HashMap<>();
    found.forEach((get, items) -> given.put(get, List.copyOf(items.values())));
    return given;
  }

  /// Forgets what gets were answered with long ago: none of them is tried again. The number of
  /// items.
  static int forgetGiven(Handle handle, Instant before) {
    return handle
        .createUpdate("delete from queue_taken where given_to is not null and taken_at < :before")
        .bind("before", before.atOffset(ZoneOffset.UTC))
        .execute();
  }
}
