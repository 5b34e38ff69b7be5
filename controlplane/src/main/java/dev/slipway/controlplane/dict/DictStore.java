package dev.slipway.controlplane.dict;

import dev.slipway.controlplane.storage.ByteaArray;
import dev.slipway.model.DictId;
import dev.slipway.model.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// The entries of dicts in the database. What takes a handle is work that goes through the one
/// transaction that all writers of dicts share, so none of it runs at the same time as another.
public final class DictStore {
  /// A value and when it was used last, as far as that was written down.
  record Found(byte[] value, Instant usedAt) {}

  /// An entry on the way through all of them.
  record Visited(byte[] digest, Entry entry, Instant usedAt) {}

  private final Jdbi jdbi;

  public DictStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Sets the values of keys. The number of keys that were set.
  ///
  /// @param entries by the digests of their keys
  /// @param replace whether to set keys too that are there and were used since the given time
  int put(
      Handle handle,
      DictId dict,
      Map<Digest, Entry> entries,
      boolean replace,
      Instant oldest,
      Instant now) {
    return handle
        .createUpdate(
            """
            insert into dict_entry (dict_id, key_digest, key, value, used_at)
            select :dict, digest, key, value, :now
            from unnest(:digests, :keys, :values) as t(digest, key, value)
            on conflict (dict_id, key_digest) do update
              set value = excluded.value, used_at = excluded.used_at
              where :replace or dict_entry.used_at <= :oldest
            """)
        .bind("dict", dict.value())
        .bind("digests", ByteaArray.of(entries.keySet().stream().map(Digest::bytes).toList()))
        .bind("keys", ByteaArray.of(entries.values().stream().map(Entry::key).toList()))
        .bind("values", ByteaArray.of(entries.values().stream().map(Entry::value).toList()))
        .bind("replace", replace)
        .bind("oldest", utc(oldest))
        .bind("now", utc(now))
        .execute();
  }

  Optional<Found> find(DictId dict, Digest key, Instant oldest) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select value, used_at from dict_entry
                where dict_id = :dict and key_digest = :key and used_at > :oldest
                """)
            .bind("dict", dict.value())
            .bind("key", key.bytes())
            .bind("oldest", utc(oldest))
            .map((row, context) -> new Found(row.getBytes("value"), instant(row, "used_at")))
            .findOne());
  }

  /// When the key was used last, if it is there.
  Optional<Instant> findUse(DictId dict, Digest key, Instant oldest) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select used_at from dict_entry
                where dict_id = :dict and key_digest = :key and used_at > :oldest
                """)
            .bind("dict", dict.value())
            .bind("key", key.bytes())
            .bind("oldest", utc(oldest))
            .map((row, context) -> instant(row, "used_at"))
            .findOne());
  }

  /// Removes the key. The value that it had.
  Optional<byte[]> remove(Handle handle, DictId dict, Digest key, Instant oldest) {
    return handle
        .createQuery(
            """
            with gone as (
              delete from dict_entry where dict_id = :dict and key_digest = :key
              returning value, used_at
            )
            select value from gone where used_at > :oldest
            """)
        .bind("dict", dict.value())
        .bind("key", key.bytes())
        .bind("oldest", utc(oldest))
        .mapTo(byte[].class)
        .findOne();
  }

  /// Counts entries, but no further than so many.
  int count(DictId dict, int atMost, Instant oldest) {
    return jdbi.withHandle(handle -> count(handle, dict, atMost, oldest));
  }

  /// The same, in a transaction.
  int count(Handle handle, DictId dict, int atMost, Instant oldest) {
    return handle
        .createQuery(
            """
            select count(*) from (
              select 1 from dict_entry
              where dict_id = :dict and used_at > :oldest limit :atMost) as counted
            """)
        .bind("dict", dict.value())
        .bind("oldest", utc(oldest))
        .bind("atMost", atMost)
        .mapTo(Integer.class)
        .one();
  }

  /// How many of these keys are there, used or not.
  int countThere(Handle handle, DictId dict, Collection<Digest> keys) {
    return handle
        .createQuery(
            """
            select count(*) from dict_entry where dict_id = :dict and key_digest = any(:keys)
            """)
        .bind("dict", dict.value())
        .bind("keys", ByteaArray.of(keys.stream().map(Digest::bytes).toList()))
        .mapTo(Integer.class)
        .one();
  }

  /// The next entries behind a digest: at most so many, and so many bytes or one entry.
  ///
  /// @param withValues false leaves the values empty
  List<Visited> listBehind(
      DictId dict,
      byte[] digest,
      int atMost,
      long atMostBytes,
      boolean withValues,
      Instant oldest) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select key_digest, key, used_at,
                       case when :withValues then value else '' end as value
                from (
                  select *, sum(bytes) over (order by key_digest) - bytes as bytes_before
                  from (
                    select key_digest, key, value, used_at,
                           octet_length(key)
                             + case when :withValues then octet_length(value) else 0 end as bytes
                    from dict_entry
                    where dict_id = :dict and key_digest > :digest and used_at > :oldest
                    order by key_digest limit :atMost
                  ) as behind
                ) as next
                where bytes_before < :atMostBytes
                order by key_digest
                """)
            .bind("dict", dict.value())
            .bind("digest", digest)
            .bind("atMost", atMost)
            .bind("atMostBytes", atMostBytes)
            .bind("withValues", withValues)
            .bind("oldest", utc(oldest))
            .map((row, context) ->
                new Visited(
                    row.getBytes("key_digest"),
                    new Entry(row.getBytes("key"), row.getBytes("value")),
                    instant(row, "used_at")))
            .list());
  }

  /// Removes all entries. The number of them.
  int removeAll(Handle handle, DictId dict) {
    return handle
        .createUpdate("delete from dict_entry where dict_id = :dict")
        .bind("dict", dict.value())
        .execute();
  }

  /// Writes down that the key was used.
  int saveUse(Handle handle, DictId dict, Digest key, Instant now) {
    return handle
        .createUpdate(
            """
            update dict_entry set used_at = :now
            where dict_id = :dict and key_digest = :key and used_at < :now
            """)
        .bind("dict", dict.value())
        .bind("key", key.bytes())
        .bind("now", utc(now))
        .execute();
  }

  /// Writes down that all keys were used, where the last use is before the given time.
  int saveUses(Handle handle, DictId dict, Instant before, Instant oldest, Instant now) {
    return handle
        .createUpdate(
            """
            update dict_entry set used_at = :now
            where dict_id = :dict and used_at < :before and used_at > :oldest
            """)
        .bind("dict", dict.value())
        .bind("before", utc(before))
        .bind("oldest", utc(oldest))
        .bind("now", utc(now))
        .execute();
  }

  /// Removes entries that nobody has used since the given time. The number of them.
  int removeUnused(Handle handle, Instant oldest, int atMost) {
    return handle
        .createUpdate(
            """
            delete from dict_entry
            where (dict_id, key_digest) in (
              select dict_id, key_digest from dict_entry
              where used_at <= :oldest limit :atMost)
            """)
        .bind("oldest", utc(oldest))
        .bind("atMost", atMost)
        .execute();
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
