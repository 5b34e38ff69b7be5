package dev.slipway.launcher;

import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.DatabaseAddress;
import dev.slipway.controlplane.storage.EmbeddedPostgres;
import dev.slipway.controlplane.workspace.WorkerToken;
import dev.slipway.launcher.door.Door;
import dev.slipway.launcher.door.DoorKeeper;
import dev.slipway.launcher.door.LocalDoor;
import dev.slipway.model.SlipwayException;
import io.grpc.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

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
    ControlPlane controlPlane = controlPlane();
    LocalDoor local = lifecycle.add("local door", LocalDoor.open(controlPlane.services()));
    Door door = door(controlPlane);
    startWorker(
        data,
        lifecycle,
        WorkerToken.WORKER_ID,
        local.channel(),
        controlPlane.workerToken().value(),
        URI.create("http://127.0.0.1:" + door.port()));
  }

  /// The server, with a worker that only plays.
  void rehearsing(Rehearsal rehearsal) {
    ControlPlane controlPlane = controlPlane();
    LocalDoor local = lifecycle.add("local door", LocalDoor.open(controlPlane.services()));
    door(controlPlane);
    rehearsal.join(local.channel(), controlPlane.workerToken().value());
  }

  /// The server, for workers that join it.
  void serverAlone() {
    door(controlPlane());
  }

  /// A worker, for a server on another machine.
  static void workerAlone(RemoteServer server, DataDirectory data, Lifecycle lifecycle) {
    startWorker(
        data,
        lifecycle,
        WorkerName.ofThisMachine(data.root()),
        server.connect(lifecycle),
        server.token(),
        server.url());
  }

  private ControlPlane controlPlane() {
    String url = configuration.listen().url();
    ControlPlane controlPlane =
        new ControlPlane(Settings.of(System.getenv()), data.root(), url, database(), lifecycle);
    controlPlane.build();
    return controlPlane;
  }

  private Door door(ControlPlane controlPlane) {
    InetSocketAddress listen = configuration.listen().socketAddress();
    Optional<ProcessHandle> left = DoorKeeper.findLeft(data.keeperNote());
    Door door =
        lifecycle.add("door", Door.open(listen, controlPlane.services(), controlPlane.routes()));
    // Who waited with the keeper of an earlier life is cut off, comes again at once, and is served.
    left.ifPresent(ProcessHandle::destroyForcibly);
    lifecycle.add("keeper of the port", DoorKeeper.start(listen, data.keeperNote()));
    return door;
  }

  private static void startWorker(
      DataDirectory data,
      Lifecycle lifecycle,
      String workerId,
      Channel channel,
      String token,
      URI door) {
    try {
      new LocalWorker(data.resolve("worker"), System.getenv(), lifecycle)
          .start(workerId, channel, token, door);
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
