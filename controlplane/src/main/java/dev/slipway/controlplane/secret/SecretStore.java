package dev.slipway.controlplane.secret;

import dev.slipway.controlplane.storage.ByteaArray;
import dev.slipway.model.AppId;
import dev.slipway.model.SecretId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// Secrets and their encrypted variables in the database.
public final class SecretStore {
  /// What only secrets have.
  record Details(SecretId id, TreeSet<String> names, Optional<Instant> usedAt) {}

  private final Jdbi jdbi;

  public SecretStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Adds a secret, in the transaction that adds its object.
  ///
  /// @param app that an anonymous one belongs to
  /// @param usedAt empty for one that was not used yet
  void add(
      Handle handle,
      SecretId id,
      boolean anonymous,
      Optional<AppId> app,
      Optional<Instant> usedAt,
      Map<String, byte[]> sealed) {
    handle
        .createUpdate(
            """
            insert into secret (id, anonymous, app_id, used_at)
            values (:id, :anonymous, :app, :usedAt)
            """)
        .bind("id", id.value())
        .bind("anonymous", anonymous)
        .bind("app", app.map(AppId::value).orElse(null))
        .bind("usedAt", usedAt.map(SecretStore::utc).orElse(null))
        .execute();
    put(handle, id, sealed);
  }

  /// Replaces all variables; false when the secret is gone.
  boolean replace(SecretId id, Map<String, byte[]> sealed) {
    return jdbi.inTransaction(handle -> {
      if (!lock(handle, id)) {
        return false;
      }
      handle
          .createUpdate("delete from secret_variable where secret_id = :id")
          .bind("id", id.value())
          .execute();
      put(handle, id, sealed);
      return true;
    });
  }

  /// What a change makes of the variables that are there.
  interface Change {
    Map<String, byte[]> apply(SortedMap<String, byte[]> sealed);
  }

  /// Changes the variables, one change after the other; false when the secret is gone.
  boolean change(SecretId id, Change change) {
    return jdbi.inTransaction(handle -> {
      if (!lock(handle, id)) {
        return false;
      }
      SortedMap<String, byte[]> before = list(handle, List.of(id)).getOrDefault(id, sorted());
      Map<String, byte[]> after = change.apply(before);
      handle
          .createUpdate("delete from secret_variable where secret_id = :id")
          .bind("id", id.value())
          .execute();
      put(handle, id, after);
      return true;
    });
  }

  private static boolean lock(Handle handle, SecretId id) {
    return handle
        .createQuery("select true from secret where id = :id for update")
        .bind("id", id.value())
        .mapTo(Boolean.class)
        .findOne()
        .isPresent();
  }

  private static void put(Handle handle, SecretId id, Map<String, byte[]> sealed) {
    List<String> names = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    sealed.forEach((name, value) -> {
      names.add(name);
      values.add(value);
    });
    handle
        .createUpdate(
            """
            insert into secret_variable (secret_id, name, sealed)
            select :id, name, sealed from unnest(:names, :values) as t(name, sealed)
            """)
        .bind("id", id.value())
        .bindArray("names", String.class, names)
        .bind("values", ByteaArray.of(values))
        .execute();
  }

  /// The encrypted variables of secrets.
  Map<SecretId, SortedMap<String, byte[]>> list(Collection<SecretId> ids) {
    return jdbi.withHandle(handle -> list(handle, ids));
  }

  private static Map<SecretId, SortedMap<String, byte[]>> list(
      Handle handle, Collection<SecretId> ids) {
    Map<SecretId, SortedMap<String, byte[]>> found = new HashMap<>();
    List<Sealed> variables =
        handle
            .createQuery(
                "select secret_id, name, sealed from secret_variable where secret_id = any(:ids)")
            .bindArray("ids", String.class, ids.stream().map(SecretId::value).toList())
            .map((row, context) ->
                new Sealed(
                    new SecretId(row.getString("secret_id")),
                    row.getString("name"),
                    row.getBytes("sealed")))
            .list();
    for (Sealed variable : variables) {
      found
          .computeIfAbsent(variable.secret(), _ -> sorted())
          .put(variable.name(), variable.value());
    }
    return found;
  }

  private record Sealed(SecretId secret, String name, byte[] value) {}

  private static SortedMap<String, byte[]> sorted() {
    return new TreeMap<>();
  }

  /// What is known of secrets beside their values.
  Map<SecretId, Details> listDetails(Collection<SecretId> ids) {
    if (ids.isEmpty()) {
      // Most images have none, and each asks with every run of its program.
      return Map.of();
    }
    List<Details> details =
        jdbi.withHandle(handle ->
            handle
                .createQuery(
                    """
                    select secret.id, used_at,
                           array(select name from secret_variable where secret_id = secret.id)
                             as names
                    from secret where id = any(:ids)
                    """)
                .bindArray("ids", String.class, ids.stream().map(SecretId::value).toList())
                .map((row, context) ->
                    new Details(
                        new SecretId(row.getString("id")),
                        new TreeSet<>(List.of((String[]) row.getArray("names").getArray())),
                        Optional.ofNullable(row.getObject("used_at", OffsetDateTime.class))
                            .map(OffsetDateTime::toInstant)))
                .list());
    return details.stream().collect(Collectors.toMap(Details::id, Function.identity()));
  }

  /// The anonymous secrets of an app, in an order that stays.
  List<SecretId> listOf(AppId app) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select id from secret where anonymous and app_id = :app order by id")
            .bind("app", app.value())
            .map((row, context) -> new SecretId(row.getString("id")))
            .list());
  }

  /// The apps that have anonymous secrets.
  List<AppId> listApps() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select distinct app_id from secret where anonymous and app_id is not null")
            .map((row, context) -> new AppId(row.getString("app_id")))
            .list());
  }

  /// Anonymous secrets without an app that nobody got since the given time.
  List<SecretId> listUnused(Instant before) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select id from secret
                where anonymous and app_id is null and used_at < :before
                """)
            .bind("before", utc(before))
            .map((row, context) -> new SecretId(row.getString("id")))
            .list());
  }

  /// Writes down a use, unless one was written down since the given time.
  void saveUse(SecretId id, Instant now, Instant unlessSince) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                update secret set used_at = :now
                where id = :id and (used_at is null or used_at < :unlessSince)
                """)
            .bind("id", id.value())
            .bind("now", utc(now))
            .bind("unlessSince", utc(unlessSince))
            .execute());
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
