package dev.slipway.controlplane.function;

import dev.slipway.model.AppId;
import dev.slipway.model.ClassId;
import dev.slipway.model.FunctionId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Functions and classes in the database.
public final class FunctionStore {
  private final Jdbi jdbi;

  public FunctionStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  void save(FunctionRow function) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into function (id, app_id, base_function_id, name, definition_id,
                                      announcement, definition, serialized_params, options,
                                      created_at)
                values (:id, :app, :base, :name, :definitionId, :announcement, :definition,
                        :parameters, :options, :createdAt)
                on conflict (id) do update
                  set name = excluded.name, definition_id = excluded.definition_id,
                      announcement = excluded.announcement,
                      definition = coalesce(excluded.definition, function.definition)
                """)
            .bind("id", function.id().value())
            .bind("app", function.app().value())
            .bind("base", function.base().map(FunctionId::value).orElse(null))
            .bind("name", function.name())
            .bind("definitionId", function.definitionId())
            .bind("announcement", function.announcement())
            .bind("definition", function.definition().orElse(null))
            .bind("parameters", function.serializedParameters())
            .bind("options", function.options())
            .bind("createdAt", function.createdAt().atOffset(ZoneOffset.UTC))
            .execute());
  }

  Optional<FunctionRow> find(FunctionId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from function where id = :id")
            .bind("id", id.value())
            .map((row, context) -> read(row))
            .findOne());
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
    return new FunctionRow(
        new FunctionId(row.getString("id")),
        new AppId(row.getString("app_id")),
        Optional.ofNullable(row.getString("base_function_id")).map(FunctionId::new),
        row.getString("name"),
        row.getString("definition_id"),
        row.getBytes("announcement"),
        Optional.ofNullable(row.getBytes("definition")),
        row.getBytes("serialized_params"),
        row.getBytes("options"),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }
}
