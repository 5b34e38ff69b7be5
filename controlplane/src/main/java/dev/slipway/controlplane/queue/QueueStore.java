package dev.slipway.controlplane.queue;

import dev.slipway.controlplane.storage.ByteaArray;
import dev.slipway.model.QueueId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// Queues in the database. What takes a handle is work that goes through the one transaction that
/// all writers of queues share, so none of it runs at the same time as another.
public final class QueueStore {
  /// What is known of a partition before a put.
  ///
  /// @param expiresAt after this, whatever is in it counts for nothing
  record Fill(int items, long bytes, Instant expiresAt) {}

  private final Jdbi jdbi;

  public QueueStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  boolean isDone(Handle handle, QueueId queue, String idempotencyKey) {
    return handle
        .createQuery(
            """
            select exists(select 1 from queue_put
                          where queue_id = :queue and idempotency_key = :key)
            """)
        .bind("queue", queue.value())
        .bind("key", idempotencyKey)
        .mapTo(Boolean.class)
        .one();
  }

  void saveDone(Handle handle, QueueId queue, String idempotencyKey, Instant now) {
    handle
        .createUpdate(
            """
            insert into queue_put (queue_id, idempotency_key, done_at)
            values (:queue, :key, :now)
            """)
        .bind("queue", queue.value())
        .bind("key", idempotencyKey)
        .bind("now", utc(now))
        .execute();
  }

  Optional<Fill> findFill(Handle handle, Partition partition) {
    return handle
        .createQuery(
            """
            select items, bytes, expires_at from queue_partition
            where queue_id = :queue and key = :key
            """)
        .bind("queue", partition.queue().value())
        .bind("key", partition.key())
        .map((row, context) ->
            new Fill(row.getInt("items"), row.getLong("bytes"), instant(row, "expires_at")))
        .findOne();
  }

  int countPartitions(Handle handle, QueueId queue) {
    return handle
        .createQuery("select count(*) from queue_partition where queue_id = :queue")
        .bind("queue", queue.value())
        .mapTo(Integer.class)
        .one();
  }

  /// Adds items at the end, and makes the partition last until the given time.
  void add(Handle handle, Partition partition, List<byte[]> values, long bytes, Instant expiresAt) {
    handle
        .createUpdate(
            """
            with counted as (
              insert into queue_partition (queue_id, key, items, bytes, expires_at)
              values (:queue, :key, :items, :bytes, :expiresAt)
              on conflict (queue_id, key) do update
                set items = queue_partition.items + excluded.items,
                    bytes = queue_partition.bytes + excluded.bytes,
                    expires_at = excluded.expires_at
            )
            insert into queue_item (queue_id, partition, value)
            select :queue, :key, value
            from unnest(:values) with ordinality as t(value, n)
            order by n
            """)
        .bind("queue", partition.queue().value())
        .bind("key", partition.key())
        .bind("items", values.size())
        .bind("bytes", bytes)
        .bind("expiresAt", utc(expiresAt))
        .bind("values", ByteaArray.of(values))
        .execute();
  }

  /// Takes items off the front, at most so many; they are kept until it is known that they arrived.
  List<Item> take(Handle handle, Partition partition, int atMost, Instant now) {
    boolean hasItems =
        findFill(handle, partition)
            .filter(fill -> fill.items() > 0 && fill.expiresAt().isAfter(now))
            .isPresent();
    if (!hasItems) {
      return List.of();
    }
    return handle
        .createQuery(
            """
            with front as (
              select position from queue_item
              where queue_id = :queue and partition = :key
              order by position limit :atMost
            ), gone as (
              delete from queue_item
              where queue_id = :queue and partition = :key
                and position in (select position from front)
              returning position, value
            ), counted as (
              update queue_partition
              set items = items - (select count(*) from gone),
                  bytes = bytes - (select coalesce(sum(octet_length(value)), 0) from gone)
              where queue_id = :queue and key = :key
            ), taken as (
              insert into queue_taken (queue_id, partition, position, value, taken_at)
              select :queue, :key, position, value, :now from gone
            )
            select position, value from gone order by position
            """)
        .bind("queue", partition.queue().value())
        .bind("key", partition.key())
        .bind("atMost", atMost)
        .bind("now", utc(now))
        .map((row, context) -> item(row))
        .list();
  }

  /// Puts items back to where they were. A partition that is gone lasts until the given time again.
  int restore(Handle handle, Partition partition, List<Item> items, Instant expiresAt) {
    return handle
        .createUpdate(
            """
            with returned as (
              delete from queue_taken
              where queue_id = :queue and partition = :key and position = any(:positions)
            ), back as (
              insert into queue_item (queue_id, partition, position, value)
              select :queue, :key, position, value from unnest(:positions, :values) as t(position, value)
              on conflict do nothing
              returning value
            )
            insert into queue_partition (queue_id, key, items, bytes, expires_at)
            select :queue, :key, count(*), coalesce(sum(octet_length(value)), 0), :expiresAt from back
            on conflict (queue_id, key) do update
              set items = queue_partition.items + excluded.items,
                  bytes = queue_partition.bytes + excluded.bytes
            """)
        .registerArrayType(Long.class, "bigint")
        .bind("queue", partition.queue().value())
        .bind("key", partition.key())
        .bindArray("positions", Long.class, items.stream().map(Item::position).toList())
        .bind("values", ByteaArray.of(items.stream().map(Item::value).toList()))
        .bind("expiresAt", utc(expiresAt))
        .execute();
  }

  /// Items behind a position, in order: at most so many, and so many bytes or one item.
  List<Item> listBehind(
      Partition partition, long position, int atMost, long atMostBytes, Instant now) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select position, value from (
                  select position, value,
                         sum(octet_length(value)) over (order by position)
                           - octet_length(value) as bytes_before
                  from queue_item
                  where queue_id = :queue and partition = :key and position > :position
                    and exists (select 1 from queue_partition p
                                where p.queue_id = :queue and p.key = :key
                                  and p.expires_at > :now)
                  order by position limit :atMost
                ) as next
                where bytes_before < :atMostBytes
                order by position
                """)
            .bind("queue", partition.queue().value())
            .bind("key", partition.key())
            .bind("position", position)
            .bind("atMost", atMost)
            .bind("atMostBytes", atMostBytes)
            .bind("now", utc(now))
            .map((row, context) -> item(row))
            .list());
  }

  int count(Partition partition, Instant now) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select coalesce(sum(items), 0) from queue_partition
                where queue_id = :queue and key = :key and expires_at > :now
                """)
            .bind("queue", partition.queue().value())
            .bind("key", partition.key())
            .bind("now", utc(now))
            .mapTo(Integer.class)
            .one());
  }

  /// The sizes of those queues that have items.
  Map<QueueId, QueueSize> sizes(Collection<QueueId> queues, Instant now) {
    Map<QueueId, QueueSize> sizes = new HashMap<>();
    jdbi.useHandle(handle ->
        handle
            .createQuery(
                """
                select queue_id, count(*) as partitions, sum(items) as items from queue_partition
                where queue_id = any (:queues) and items > 0 and expires_at > :now
                group by queue_id
                """)
            .bind("queues", queues.stream().map(QueueId::value).toArray(String[]::new))
            .bind("now", utc(now))
            .map((row, context) ->
                sizes.put(
                    new QueueId(row.getString("queue_id")),
                    new QueueSize(row.getInt("partitions"), row.getLong("items"))))
            .list());
    return sizes;
  }

  /// Removes the partition and what is in it. The number of items.
  int remove(Handle handle, Partition partition) {
    int items =
        handle
            .createUpdate("delete from queue_item where queue_id = :queue and partition = :key")
            .bind("queue", partition.queue().value())
            .bind("key", partition.key())
            .execute();
    handle
        .createUpdate("delete from queue_partition where queue_id = :queue and key = :key")
        .bind("queue", partition.queue().value())
        .bind("key", partition.key())
        .execute();
    return items;
  }

  /// Removes all partitions and what is in them. The number of items.
  int removeAll(Handle handle, QueueId queue) {
    int items =
        handle
            .createUpdate("delete from queue_item where queue_id = :queue")
            .bind("queue", queue.value())
            .execute();
    handle
        .createUpdate("delete from queue_partition where queue_id = :queue")
        .bind("queue", queue.value())
        .execute();
    return items;
  }

  /// Removes partitions that nobody would miss, empty or over, of one queue or of all. The number
  /// of them.
  int removeIdle(Handle handle, Optional<QueueId> queue, Instant now, int atMost) {
    List<Partition> idle =
        handle
            .createQuery(
                """
                select queue_id, key from queue_partition
                where (items = 0 or expires_at <= :now)
                  and (:queue::text is null or queue_id = :queue)
                limit :atMost
                """)
            .bind("queue", queue.map(QueueId::value).orElse(null))
            .bind("now", utc(now))
            .bind("atMost", atMost)
            .map((row, context) ->
                new Partition(new QueueId(row.getString("queue_id")), row.getBytes("key")))
            .list();
    idle.forEach(partition -> remove(handle, partition));
    return idle.size();
  }

  /// Forgets puts that nobody tries again any more. The number of them.
  int forgetDone(Handle handle, Instant before) {
    return handle
        .createUpdate("delete from queue_put where done_at < :before")
        .bind("before", utc(before))
        .execute();
  }

  private static Item item(ResultSet row) throws SQLException {
    return new Item(row.getLong("position"), row.getBytes("value"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
