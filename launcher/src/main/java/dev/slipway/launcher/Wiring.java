package dev.slipway.launcher;

import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.DatabaseAddress;
import dev.slipway.controlplane.storage.EmbeddedPostgres;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.controlplane.workspace.LocalIdentity;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.controlplane.workspace.WorkspaceStore;
import dev.slipway.controlplane.workspace.Workspaces;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/// Builds every part by hand, bottom to top, and hands each that runs to the [Lifecycle].
final class Wiring {
  private final Configuration configuration;
  private final DataDirectory data;
  private final Lifecycle lifecycle;

  Wiring(Configuration configuration, DataDirectory data, Lifecycle lifecycle) {
    this.configuration = configuration;
    this.data = data;
    this.lifecycle = lifecycle;
  }

  /// Server and worker in one process.
  void allInOne() {
    Database database = database();
    IdSource ids = IdSource.secure();
    WorkspaceStore workspaceStore = new WorkspaceStore(database.jdbi());
    InstantSource clock = InstantSource.system();
    Environments environments = new Environments(workspaceStore, ids, clock, List.of());
    Tokens tokens = new Tokens(workspaceStore, clock, new SecureRandom());
    Workspaces workspaces = new Workspaces(workspaceStore, environments, ids);
    LocalIdentity.ensure(data.root(), workspaces, tokens, ids);
  }

  private Database database() {
    try {
      if (configuration.database().isPresent()) {
        DatabaseAddress address = configuration.database().get();
        return lifecycle.add("connections to " + address, Database.open(address));
      }
      EmbeddedPostgres postgres =
          lifecycle.add(
              "embedded PostgreSQL", EmbeddedPostgres.start(data.postgres(), data.programs()));
      return lifecycle.add("database connections", Database.open(postgres::address));
    } catch (SlipwayException e) {
      throw new StartRefusedException(
          ExitStatus.DATABASE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }
}
