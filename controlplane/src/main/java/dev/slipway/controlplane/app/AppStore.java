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
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/// Apps in the database.
public final class AppStore {
  private final Jdbi jdbi;

  public AppStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Writes the app, new or changed.
  void save(App app) {
    jdbi.useHandle(handle -> save(handle, app));
  }

  /// Writes a version and the app as it is from then on, both or neither.
  void save(App app, Deployment deployment) {
    jdbi.useTransaction(handle -> {
      DeploymentRows.insert(handle, deployment);
      save(handle, app);
    });
  }

  private void save(Handle handle, App app) {
    handle
        .createUpdate(
            """
            insert into app (id, workspace_id, environment_id, environment_name, name,
                             description, state, version, client_version, tags,
                             function_ids, class_ids, definition_ids, created_at,
                             deployed_at, stopped_at)
            values (:id, :workspace, :environment, :environmentName, :name, :description,
                    :state, :version, :clientVersion, cast(:tags as jsonb),
                    cast(:functionIds as jsonb), cast(:classIds as jsonb),
                    cast(:definitionIds as jsonb), :createdAt, :deployedAt, :stoppedAt)
            on conflict (id) do update
              set name = excluded.name, description = excluded.description,
                  state = excluded.state, version = excluded.version,
                  tags = excluded.tags, function_ids = excluded.function_ids,
                  class_ids = excluded.class_ids,
                  definition_ids = excluded.definition_ids, deployed_at = excluded.deployed_at,
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
        .bind("tags", Strings.json(app.tags()))
        .bind("functionIds", Strings.json(app.functionIds()))
        .bind("classIds", Strings.json(app.classIds()))
        .bind("definitionIds", Strings.json(app.published().definitionIds()))
        .bind("createdAt", timestamp(app.createdAt()))
        .bind("deployedAt", app.deployedAt().map(AppStore::timestamp).orElse(null))
        .bind("stoppedAt", app.stoppedAt().map(AppStore::timestamp).orElse(null))
        .execute();
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

  /// The app that had the name last and is over.
  Optional<App> findStopped(EnvironmentId environment, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from app
                where environment_id = :environment and name = :name and state = 'STOPPED'
                order by stopped_at desc limit 1
                """)
            .bind("environment", environment.value())
            .bind("name", name)
            .map((row, context) -> read(row))
            .findOne());
  }

  Optional<Deployment> findDeployment(AppId app, int version) {
    return jdbi.withHandle(handle -> DeploymentRows.find(handle, app, version));
  }

  /// The highest version of the app, valid or staged; 0 when there is none.
  int findHighestVersion(AppId app) {
    return jdbi.withHandle(handle -> DeploymentRows.highestVersion(handle, app));
  }

  /// Versions of the app, latest first.
  List<Deployment> listDeployments(AppId app, int limit) {
    return jdbi.withHandle(handle -> DeploymentRows.list(handle, app, limit));
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

  private static App read(ResultSet row) throws SQLException {
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
        Strings.parse(row.getString("tags")),
        DeploymentRows.publication(row),
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
