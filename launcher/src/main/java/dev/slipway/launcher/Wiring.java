package dev.slipway.launcher;

import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.DatabaseAddress;
import dev.slipway.controlplane.storage.EmbeddedPostgres;
import dev.slipway.controlplane.workspace.WorkerToken;
import dev.slipway.launcher.door.Door;
import dev.slipway.launcher.door.LocalDoor;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.net.URI;

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
    String url = configuration.listen().url();
    ControlPlane controlPlane =
        new ControlPlane(Settings.of(System.getenv()), data.root(), url, database(), lifecycle);
    controlPlane.build();
    LocalDoor local = lifecycle.add("local door", LocalDoor.open(controlPlane.services()));
    Door door =
        lifecycle.add(
            "door",
            Door.open(
                configuration.listen().socketAddress(),
                controlPlane.services(),
                controlPlane.routes()));
    startWorker(controlPlane, local, door);
  }

  private void startWorker(ControlPlane controlPlane, LocalDoor local, Door door) {
    try {
      new LocalWorker(data.resolve("worker"), System.getenv(), lifecycle)
          .start(
              WorkerToken.WORKER_ID,
              local.channel(),
              controlPlane.workerToken().value(),
              URI.create("http://127.0.0.1:" + door.port()));
    } catch (SlipwayException e) {
      throw new StartRefusedException(ExitStatus.FAILED, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartRefusedException(
          ExitStatus.DATA_UNUSABLE, "the worker cannot use its directory: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartRefusedException(ExitStatus.FAILED, "interrupted while starting", e);
    }
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
