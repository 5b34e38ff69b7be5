package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;

/// Versions of apps in the database, read and written inside the store's own transactions.
final class DeploymentRows {
  private DeploymentRows() {}

  static void insert(Handle handle, Deployment deployment) {
    handle
        .createUpdate(
            """
            insert into app_version (app_id, version, kind, function_ids, class_ids,
                                     definition_ids, client_version, deployed_by, tag,
                                     commit_info, source_version, deployed_at)
            values (:app, :version, :kind, cast(:functionIds as jsonb), cast(:classIds as jsonb),
                    cast(:definitionIds as jsonb), :clientVersion, :deployedBy, :tag, :commit,
                    :source, :deployedAt)
            """)
        .bind("app", deployment.app().value())
        .bind("version", deployment.version())
        .bind("kind", deployment.kind().name())
        .bind("functionIds", Strings.json(deployment.published().functionIds()))
        .bind("classIds", Strings.json(deployment.published().classIds()))
        .bind("definitionIds", Strings.json(deployment.published().definitionIds()))
        .bind("clientVersion", deployment.clientVersion())
        .bind("deployedBy", deployment.deployedBy())
        .bind("tag", deployment.tag())
        .bind("commit", deployment.commit().orElse(null))
        .bind("source", deployment.source().isPresent() ? deployment.source().getAsInt() : null)
        .bind("deployedAt", deployment.deployedAt().atOffset(ZoneOffset.UTC))
        .execute();
  }

  static Optional<Deployment> find(Handle handle, AppId app, int version) {
    return handle
        .createQuery("select * from app_version where app_id = :app and version = :version")
        .bind("app", app.value())
        .bind("version", version)
        .map((row, context) -> read(row))
        .findOne();
  }

  static int highestVersion(Handle handle, AppId app) {
    return handle
        .createQuery("select coalesce(max(version), 0) from app_version where app_id = :app")
        .bind("app", app.value())
        .mapTo(Integer.class)
        .one();
  }

  static List<Deployment> list(Handle handle, AppId app, int limit) {
    return handle
        .createQuery(
            """
            select * from app_version where app_id = :app order by version desc limit :limit
            """)
        .bind("app", app.value())
        .bind("limit", limit)
        .map((row, context) -> read(row))
        .list();
  }

  /// What is published, of an app or one of its versions.
  static Publication publication(ResultSet row) throws SQLException {
    return new Publication(
        Strings.parse(row.getString("function_ids")),
        Strings.parse(row.getString("class_ids")),
        Strings.parse(row.getString("definition_ids")));
  }

  private static Deployment read(ResultSet row) throws SQLException {
    int source = row.getInt("source_version");
    boolean hasSource = !row.wasNull();
    return new Deployment(
        new AppId(row.getString("app_id")),
        row.getInt("version"),
        DeploymentKind.valueOf(row.getString("kind")),
        publication(row),
        row.getString("client_version"),
        row.getString("deployed_by"),
        row.getString("tag"),
        Optional.ofNullable(row.getBytes("commit_info")),
        hasSource ? OptionalInt.of(source) : OptionalInt.empty(),
        row.getObject("deployed_at", OffsetDateTime.class).toInstant());
  }
}
