package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Apps in the database.
public final class AppStore {
  private static final TypeReference<Map<String, String>> STRINGS = new TypeReference<>() {};

  private final Jdbi jdbi;
  private final JsonMapper json = JsonMapper.builder().build();

  public AppStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Writes the app, new or changed.
  void save(App app) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into app (id, workspace_id, environment_id, environment_name, name,
                                 description, state, version, client_version, tags,
                                 function_ids, class_ids, created_at, deployed_at, stopped_at)
                values (:id, :workspace, :environment, :environmentName, :name, :description,
                        :state, :version, :clientVersion, cast(:tags as jsonb),
                        cast(:functionIds as jsonb), cast(:classIds as jsonb), :createdAt,
                        :deployedAt, :stoppedAt)
                on conflict (id) do update
                  set name = excluded.name, description = excluded.description,
                      state = excluded.state, version = excluded.version,
                      tags = excluded.tags, function_ids = excluded.function_ids,
                      class_ids = excluded.class_ids, deployed_at = excluded.deployed_at,
                      stopped_at = excluded.stopped_at
                """)
            .bind("id", app.id().value())
            .bind("workspace", app.workspace().value())
            .bind("environment", app.environment().value())
            .bind("environmentName", app.environmentName())
            .bind("name", app.name().orElse(null))
            .bind("description", app.description())
            .bind("state", app.state().name())
            .bind("version", app.version())
            .bind("clientVersion", app.clientVersion())
            .bind("tags", json.writeValueAsString(app.tags()))
            .bind("functionIds", json.writeValueAsString(app.functionIds()))
            .bind("classIds", json.writeValueAsString(app.classIds()))
            .bind("createdAt", timestamp(app.createdAt()))
            .bind("deployedAt", app.deployedAt().map(AppStore::timestamp).orElse(null))
            .bind("stoppedAt", app.stoppedAt().map(AppStore::timestamp).orElse(null))
            .execute());
  }

  Optional<App> find(AppId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from app where id = :id")
            .bind("id", id.value())
            .map((row, context) -> read(row))
            .findOne());
  }

  Optional<App> findDeployed(EnvironmentId environment, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from app
                where environment_id = :environment and name = :name and state <> 'STOPPED'
                """)
            .bind("environment", environment.value())
            .bind("name", name)
            .map((row, context) -> read(row))
            .findOne());
  }

  List<App> listActive() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from app where state <> 'STOPPED'")
            .map((row, context) -> read(row))
            .list());
  }

  List<App> listRecent(EnvironmentId environment, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from app where environment_id = :environment
                order by state = 'STOPPED', created_at desc limit :limit
                """)
            .bind("environment", environment.value())
            .bind("limit", limit)
            .map((row, context) -> read(row))
            .list());
  }

  private App read(ResultSet row) throws SQLException {
    return new App(
        new AppId(row.getString("id")),
        new WorkspaceId(row.getString("workspace_id")),
        new EnvironmentId(row.getString("environment_id")),
        row.getString("environment_name"),
        Optional.ofNullable(row.getString("name")),
        row.getString("description"),
        AppState.valueOf(row.getString("state")),
        row.getInt("version"),
        row.getString("client_version"),
        json.readValue(row.getString("tags"), STRINGS),
        json.readValue(row.getString("function_ids"), STRINGS),
        json.readValue(row.getString("class_ids"), STRINGS),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        instant(row.getObject("deployed_at", OffsetDateTime.class)),
        instant(row.getObject("stopped_at", OffsetDateTime.class)));
  }

  private static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static Optional<Instant> instant(@Nullable OffsetDateTime time) {
    return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
  }
}
