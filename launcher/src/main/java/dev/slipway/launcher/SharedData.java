package dev.slipway.launcher;

import dev.slipway.controlplane.dict.DictRpc;
import dev.slipway.controlplane.dict.DictStore;
import dev.slipway.controlplane.dict.Dicts;
import dev.slipway.controlplane.object.ObjectStore;
import dev.slipway.controlplane.object.ObjectTranslation;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.queue.QueueRpc;
import dev.slipway.controlplane.queue.QueueStore;
import dev.slipway.controlplane.queue.Queues;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.SharedTransactions;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.controlplane.workspace.Workspaces;
import dev.slipway.model.IdSource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// Dicts, queues and secrets, built and wired by hand.
final class SharedData {
  private final SharedObjects objects;
  private final Dicts dicts;
  private final Queues queues;
  private final SecretParts secrets;
  private final Duration silentInterval;

  /// @param data the directory that the master key of secrets lies in, unless the settings name
  ///   another file
  SharedData(
      Database database,
      Path data,
      IdSource ids,
      Clock clock,
      Settings settings,
      Lifecycle lifecycle) {
    objects =
        new SharedObjects(
            new ObjectStore(database.jdbi()), ids, clock, settings.objectHeartbeatTimeout());
    // One for each, so that a large value of a dict holds up no queue.
    dicts =
        new Dicts(
            objects,
            new DictStore(database.jdbi()),
            lifecycle.add(
                "transactions of dicts", new SharedTransactions(database, "dict-transactions")),
            clock);
    queues =
        new Queues(
            objects,
            new QueueStore(database.jdbi()),
            lifecycle.add(
                "transactions of queues", new SharedTransactions(database, "queue-transactions")),
            clock);
    queues.takeUp();
    secrets = new SecretParts(database, objects, settings.masterKey(data), clock);
    silentInterval = settings.silentObjectInterval();
  }

  /// What goes with an environment.
  List<Environments.Occupants> occupants() {
    return List.of(
        environment -> dicts.deleteAll(environment.id()),
        environment -> queues.deleteAll(environment.id()),
        environment -> secrets.secrets().deleteAll(environment.id()));
  }

  SecretParts secrets() {
    return secrets;
  }

  List<RpcModule> modules(Environments environments, Workspaces workspaces) {
    ObjectTranslation translation = new ObjectTranslation(environments, workspaces);
    return List.of(
        new DictRpc(dicts, objects, translation), new QueueRpc(queues, objects, translation));
  }

  void chores(Chores chores) {
    chores.every(silentInterval, dicts::deleteSilent);
    chores.every(silentInterval, queues::deleteSilent);
    chores.every(Chores.MINUTE, queues::removeExpired);
    chores.every(Chores.HOUR, dicts::removeUnused);
  }
}
