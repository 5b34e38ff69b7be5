package dev.slipway.launcher;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.image.BuildSecrets;
import dev.slipway.controlplane.object.ObjectTranslation;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.secret.DataKeys;
import dev.slipway.controlplane.secret.KeyStore;
import dev.slipway.controlplane.secret.MasterKey;
import dev.slipway.controlplane.secret.SecretRpc;
import dev.slipway.controlplane.secret.SecretStore;
import dev.slipway.controlplane.secret.Secrets;
import dev.slipway.controlplane.secret.VariableRules;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.controlplane.workspace.Workspaces;
import dev.slipway.model.SecretId;
import dev.slipway.model.WorkspaceId;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.SortedSet;

/// Secrets, built and wired by hand.
final class SecretParts {
  private final Secrets secrets;

  /// @param masterKey the file that holds the master key, or will
  SecretParts(Database database, SharedObjects objects, Path masterKey, Clock clock) {
    KeyStore keyStore = new KeyStore(database.jdbi());
    MasterKey master = new MasterKey(masterKey, keyStore);
    master.check();
    secrets =
        new Secrets(
            objects, new SecretStore(database.jdbi()), new DataKeys(master, keyStore), clock);
  }

  Secrets secrets() {
    return secrets;
  }

  SecretRpc rpc(Apps apps, Environments environments, Workspaces workspaces) {
    return new SecretRpc(
        secrets, apps, environments, new ObjectTranslation(environments, workspaces));
  }

  /// As image builds see them.
  BuildSecrets forBuilds() {
    return new BuildSecrets() {
      @Override
      public SortedSet<String> names(WorkspaceId workspace, List<SecretId> ids) {
        return secrets.names(workspace, ids);
      }

      @Override
      public Opened open(WorkspaceId workspace, List<SecretId> ids) {
        VariableRules.ForContainer given = VariableRules.forContainer(secrets.open(workspace, ids));
        return new Opened(given.variables(), given.complaint("The secrets"));
      }
    };
  }

  void chores(Chores chores, Apps apps) {
    chores.every(Chores.MINUTE, () -> secrets.deleteUnneeded(apps::isActive));
  }
}
