package dev.slipway.controlplane.workspace;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Workspaces, environments and tokens in the database.
public final class WorkspaceStore {
  private static final String ENVIRONMENT_COLUMNS =
      "id, workspace_id, name, builder_version, web_suffix, is_default, created_at";

  private final Jdbi jdbi;

  public WorkspaceStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  Optional<Workspace> findWorkspace(String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select id, name from workspaces where name = :name")
            .bind("name", name)
            .map((row, context) -> workspace(row))
            .findOne());
  }

  Optional<Workspace> findWorkspace(WorkspaceId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select id, name from workspaces where id = :id")
            .bind("id", id.value())
            .map((row, context) -> workspace(row))
            .findOne());
  }

  /// Adds the workspace and its default environment, both or neither. Does nothing when a workspace
  /// of that name is there.
  void addWorkspace(Workspace workspace, Environment defaultEnvironment) {
    jdbi.useTransaction(handle -> {
      int added =
          handle
              .createUpdate(
                  "insert into workspaces (id, name) values (:id, :name)"
                      + " on conflict (name) do nothing")
              .bind("id", workspace.id().value())
              .bind("name", workspace.name())
              .execute();
      if (added == 1) {
        add(handle, defaultEnvironment);
      }
    });
  }

  Optional<Environment> findEnvironment(WorkspaceId workspace, String name) {
    return findEnvironment(workspace, "name = :value", name);
  }

  Optional<Environment> findEnvironment(WorkspaceId workspace, EnvironmentId id) {
    return findEnvironment(workspace, "id = :value", id.value());
  }

  Optional<Environment> findDefaultEnvironment(WorkspaceId workspace) {
    return findEnvironment(workspace, "is_default and :value = ''", "");
  }

  List<Environment> listEnvironments(WorkspaceId workspace) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select "
                    + ENVIRONMENT_COLUMNS
                    + " from environments where workspace_id = :workspace"
                    + " and deleted_at is null order by name")
            .bind("workspace", workspace.value())
            .map((row, context) -> environment(row))
            .list());
  }

  /// Adds the environment; false when one of that name is there.
  boolean addEnvironment(Environment environment) {
    return jdbi.withHandle(handle -> add(handle, environment)) == 1;
  }

  /// Marks the environment as deleted; false when it was already, or never was.
  boolean deleteEnvironment(EnvironmentId id) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                "update environments set deleted_at = now()"
                    + " where id = :id and deleted_at is null and not is_default")
            .bind("id", id.value())
            .execute())
        == 1;
  }

  Optional<Token> findToken(String id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select id, workspace_id, name, salt, secret_digest, created_at"
                    + " from tokens where id = :id")
            .bind("id", id)
            .map((row, context) -> token(row))
            .findOne());
  }

  /// Adds the token, or gives the one with this id the new secret.
  void putToken(Token token) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                "insert into tokens (id, workspace_id, name, salt, secret_digest, created_at)"
                    + " values (:id, :workspace, :name, :salt, :digest, :createdAt)"
                    + " on conflict (id) do update"
                    + " set salt = excluded.salt, secret_digest = excluded.secret_digest")
            .bind("id", token.id())
            .bind("workspace", token.workspace().value())
            .bind("name", token.name())
            .bind("salt", token.digest().salt())
            .bind("digest", token.digest().bytes())
            .bind("createdAt", token.createdAt())
            .execute());
  }

  private Optional<Environment> findEnvironment(
      WorkspaceId workspace, String condition, String value) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "select "
                    + ENVIRONMENT_COLUMNS
                    + " from environments where workspace_id = :workspace"
                    + " and deleted_at is null and "
                    + condition)
            .bind("workspace", workspace.value())
            .bind("value", value)
            .map((row, context) -> environment(row))
            .findOne());
  }

  private static int add(org.jdbi.v3.core.Handle handle, Environment environment) {
    return handle
        .createUpdate(
            "insert into environments (id, workspace_id, name, builder_version, web_suffix,"
                + " is_default, created_at)"
                + " values (:id, :workspace, :name, :builder, :suffix, :isDefault, :createdAt)"
                + " on conflict (workspace_id, name) where deleted_at is null do nothing")
        .bind("id", environment.id().value())
        .bind("workspace", environment.workspace().value())
        .bind("name", environment.name())
        .bind("builder", environment.builderVersion())
        .bind("suffix", environment.webSuffix())
        .bind("isDefault", environment.isDefault())
        .bind("createdAt", environment.createdAt())
        .execute();
  }

  private static Workspace workspace(ResultSet row) throws SQLException {
    return new Workspace(new WorkspaceId(row.getString("id")), row.getString("name"));
  }

  private static Environment environment(ResultSet row) throws SQLException {
    return new Environment(
        new EnvironmentId(row.getString("id")),
        new WorkspaceId(row.getString("workspace_id")),
        row.getString("name"),
        row.getString("builder_version"),
        row.getString("web_suffix"),
        row.getBoolean("is_default"),
        row.getTimestamp("created_at").toInstant());
  }

  private static Token token(ResultSet row) throws SQLException {
    return new Token(
        row.getString("id"),
        new WorkspaceId(row.getString("workspace_id")),
        row.getString("name"),
        new SecretDigest(row.getBytes("salt"), row.getBytes("secret_digest")),
        row.getTimestamp("created_at").toInstant());
  }
}
