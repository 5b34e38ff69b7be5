package dev.slipway.controlplane.function;

import dev.slipway.model.AppId;
import dev.slipway.model.ClassId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.ImageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// Functions and classes in the database.
public final class FunctionStore {
  private final Jdbi jdbi;

  public FunctionStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// What is kept of changes of scaling.
  ScalingStore scaling() {
    return new ScalingStore(jdbi);
  }

  void save(FunctionRow function) {
    jdbi.useHandle(handle -> save(handle, function));
  }

  /// Writes a definition and the function that has it as its latest, both or neither.
  void save(FunctionRow function, Definition definition, ImageId image, Instant now) {
    jdbi.useTransaction(handle -> {
      handle
          .createUpdate(
              """
              insert into function_definition (function_id, id, message, image_id, created_at)
              values (:function, :id, :message, :image, :now)
              on conflict (function_id, id) do nothing
              """)
          .bind("function", definition.function().value())
          .bind("id", definition.id())
          .bind("message", definition.message())
          .bind("image", image.value())
          .bind("now", now.atOffset(ZoneOffset.UTC))
          .execute();
      save(handle, function);
    });
  }

  private static void save(Handle handle, FunctionRow function) {
    handle
        .createUpdate(
            """
            insert into function (id, app_id, base_function_id, name, latest_definition_id,
                                  announcement, serialized_params, options, pinned_version,
                                  pinned_definition_id, created_at)
            values (:id, :app, :base, :name, :latest, :announcement, :parameters, :options,
                    :pinnedVersion, :pinnedDefinition, :createdAt)
            on conflict (id) do update
              set name = excluded.name, announcement = excluded.announcement,
                  latest_definition_id =
                    coalesce(excluded.latest_definition_id, function.latest_definition_id)
            """)
        .bind("id", function.id().value())
        .bind("app", function.app().value())
        .bind("base", function.base().map(FunctionId::value).orElse(null))
        .bind("name", function.name())
        .bind("latest", function.latestDefinition().orElse(null))
        .bind("announcement", function.announcement())
        .bind("parameters", function.serializedParameters())
        .bind("options", function.options())
        .bind("pinnedVersion", function.pin().map(FunctionRow.Pin::version).orElse(null))
        .bind("pinnedDefinition", function.pin().map(FunctionRow.Pin::definitionId).orElse(null))
        .bind("createdAt", function.createdAt().atOffset(ZoneOffset.UTC))
        .execute();
  }

  Optional<FunctionRow> find(FunctionId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from function where id = :id")
            .bind("id", id.value())
            .map((row, context) -> read(row))
            .findOne());
  }

  /// The latest variants of an app's functions.
  List<FunctionId> listVariants(AppId app, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select id from function where app_id = :app and base_function_id is not null
                order by created_at desc limit :limit
                """)
            .bind("app", app.value())
            .bind("limit", limit)
            .mapTo(String.class)
            .map(FunctionId::new)
            .list());
  }

  /// Apps that have functions, in the order of their ids.
  ///
  /// @param after the id before the first
  List<AppId> listApps(String after, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select distinct app_id from function where app_id > :after
                order by app_id limit :limit
                """)
            .bind("after", after)
            .bind("limit", limit)
            .mapTo(String.class)
            .map(AppId::new)
            .list());
  }

  /// All functions of an app, variants included.
  List<FunctionId> listOf(AppId app) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select id from function where app_id = :app")
            .bind("app", app.value())
            .mapTo(String.class)
            .map(FunctionId::new)
            .list());
  }

  /// Removes the functions and classes of an app with all that belongs to them.
  void deleteOf(AppId app) {
    jdbi.useTransaction(handle -> {
      for (String statement :
          List.of(
              """
              delete from function_definition
              where function_id in (select id from function where app_id = :app)
              """,
              """
              delete from scaling_override
              where function_id in (select id from function where app_id = :app)
              """,
              "delete from function where app_id = :app",
              "delete from class where app_id = :app")) {
        handle.createUpdate(statement).bind("app", app.value()).execute();
      }
    });
  }

  Optional<Definition> findDefinition(FunctionId function, String id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select message from function_definition where function_id = :function and id = :id")
            .bind("function", function.value())
            .bind("id", id)
            .mapTo(byte[].class)
            .findOne()
            .map(message -> new Definition(function, id, message)));
  }

  /// A definition that may be run, and the image that it names, if that was kept.
  record Named(AppId app, FunctionId function, String definition, Optional<ImageId> image) {}

  /// The definitions of all functions of apps that are not stopped: of every version.
  List<Named> listNamedImages() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select f.app_id, d.function_id, d.id, d.image_id
                from function_definition d
                join function f on f.id = d.function_id
                join app on app.id = f.app_id and app.state <> 'STOPPED'
                """)
            .map((row, context) ->
                new Named(
                    new AppId(row.getString("app_id")),
                    new FunctionId(row.getString("function_id")),
                    row.getString("id"),
                    Optional.ofNullable(row.getString("image_id")).map(ImageId::new)))
            .list());
  }

  boolean hasDefinition(FunctionId function, String id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select true from function_definition where function_id = :function and id = :id")
            .bind("function", function.value())
            .bind("id", id)
            .mapTo(Boolean.class)
            .findOne()
            .isPresent());
  }

  void saveClass(ClassId id, AppId app, Instant createdAt) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into class (id, app_id, created_at) values (:id, :app, :createdAt)
                on conflict (id) do nothing
                """)
            .bind("id", id.value())
            .bind("app", app.value())
            .bind("createdAt", createdAt.atOffset(ZoneOffset.UTC))
            .execute());
  }

  Optional<AppId> findClassApp(ClassId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select app_id from class where id = :id")
            .bind("id", id.value())
            .mapTo(String.class)
            .findOne()
            .map(AppId::new));
  }

  private static FunctionRow read(ResultSet row) throws SQLException {
    int version = row.getInt("pinned_version");
    return new FunctionRow(
        new FunctionId(row.getString("id")),
        new AppId(row.getString("app_id")),
        Optional.ofNullable(row.getString("base_function_id")).map(FunctionId::new),
        row.getString("name"),
        Optional.ofNullable(row.getString("latest_definition_id")),
        row.getBytes("announcement"),
        row.getBytes("serialized_params"),
        row.getBytes("options"),
        Optional.ofNullable(row.getString("pinned_definition_id"))
            .map(definition -> new FunctionRow.Pin(version, definition)),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  List<FunctionId> listVariants(FunctionId base) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select id from function where base_function_id = :base order by created_at")
            .bind("base", base.value())
            .mapTo(String.class)
            .map(FunctionId::new)
            .list());
  }
}
