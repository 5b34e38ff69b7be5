package dev.slipway.controlplane.object;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// Shared objects in the database. What is in an object refers to its row, and goes with it.
public final class ObjectStore {
  private final Jdbi jdbi;

  public ObjectStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Adds the object with what is in it; false when one of its name is there.
  boolean add(SharedObject object, Contents contents) {
    return jdbi.inTransaction(handle -> {
      boolean added = insert(handle, object);
      if (added) {
        contents.write(handle, object);
      }
      return added;
    });
  }

  private static boolean insert(Handle handle, SharedObject object) {
    return handle
            .createUpdate(
                """
                insert into shared_object (id, kind, workspace_id, environment_id, name,
                                           created_at, created_by, heartbeat_at)
                values (:id, :kind, :workspace, :environment, :name,
                        :createdAt, :createdBy, :heartbeatAt)
                on conflict (environment_id, kind, name) where name is not null do nothing
                """)
            .bind("id", object.id())
            .bind("kind", object.kind().name())
            .bind("workspace", object.workspace().value())
            .bind("environment", object.environment().value())
            .bind("name", object.name().orElse(null))
            .bind("createdAt", utc(object.createdAt()))
            .bind("createdBy", object.createdBy())
            .bind("heartbeatAt", object.name().isPresent() ? null : utc(object.createdAt()))
            .execute()
        == 1;
  }

  Optional<SharedObject> find(String id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from shared_object where id = :id")
            .bind("id", id)
            .map((row, context) -> read(row))
            .findOne());
  }

  Optional<SharedObject> find(EnvironmentId environment, ObjectKind kind, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from shared_object
                where environment_id = :environment and kind = :kind and name = :name
                """)
            .bind("environment", environment.value())
            .bind("kind", kind.name())
            .bind("name", name)
            .map((row, context) -> read(row))
            .findOne());
  }

  /// Those with a name that are older than the given time, newest first.
  List<SharedObject> list(EnvironmentId environment, ObjectKind kind, Instant before, int atMost) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from shared_object
                where environment_id = :environment and kind = :kind
                  and name is not null and created_at < :before
                order by created_at desc, id
                limit :atMost
                """)
            .bind("environment", environment.value())
            .bind("kind", kind.name())
            .bind("before", utc(before))
            .bind("atMost", atMost)
            .map((row, context) -> read(row))
            .list());
  }

  /// How many there are, with and without a name.
  int count(EnvironmentId environment, ObjectKind kind) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select count(*) from shared_object
                where environment_id = :environment and kind = :kind
                """)
            .bind("environment", environment.value())
            .bind("kind", kind.name())
            .mapTo(Integer.class)
            .one());
  }

  /// Without effect on objects that have a name.
  void saveHeartbeat(String id, Instant at) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                "update shared_object set heartbeat_at = :at where id = :id and name is null")
            .bind("id", id)
            .bind("at", utc(at))
            .execute());
  }

  /// Deletes the object and all that is in it; false when it is gone already.
  boolean delete(String id) {
    return jdbi.withHandle(handle ->
        handle.createUpdate("delete from shared_object where id = :id").bind("id", id).execute())
        == 1;
  }

  /// Ephemeral objects whose last heartbeat is older than the given time.
  List<String> listSilent(ObjectKind kind, Instant before) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select id from shared_object
                where name is null and heartbeat_at < :before and kind = :kind
                """)
            .bind("before", utc(before))
            .bind("kind", kind.name())
            .mapTo(String.class)
            .list());
  }

  List<String> listIds(EnvironmentId environment, ObjectKind kind) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select id from shared_object
                where environment_id = :environment and kind = :kind
                """)
            .bind("environment", environment.value())
            .bind("kind", kind.name())
            .mapTo(String.class)
            .list());
  }

  private static SharedObject read(ResultSet row) throws SQLException {
    return new SharedObject(
        row.getString("id"),
        ObjectKind.valueOf(row.getString("kind")),
        new WorkspaceId(row.getString("workspace_id")),
        new EnvironmentId(row.getString("environment_id")),
        Optional.ofNullable(row.getString("name")),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getString("created_by"));
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
