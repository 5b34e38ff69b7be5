package dev.slipway.launcher;

import dev.slipway.launcher.load.ContainersOnLanes;
import dev.slipway.launcher.load.Gate;
import dev.slipway.launcher.load.LoadCall;
import dev.slipway.launcher.load.LoadClient;
import dev.slipway.launcher.load.LoadMap;
import dev.slipway.launcher.load.LoadProgram;
import dev.slipway.launcher.load.LoadWorker;
import dev.slipway.launcher.load.Pace;
import dev.slipway.launcher.load.Tally;
import dev.slipway.worker.relay.TaskSockets;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Programs and calls for practice, through everything of their paths but Python and containers, so
/// often that the JVM has seen what is worth compiling.
final class Rehearsal {
  private static final int PROGRAMS = 200;
  private static final int CALLS = 2_000;
  private static final int MAPS = 4;
  private static final int MAPPED = 20_000;
  private static final int OUTSTANDING = 200;

  /// A slow machine practises less: nobody waits long for a start cache.
  private static final Duration AT_MOST = Duration.ofSeconds(20);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final LoadClient.Serving SERVING = new LoadClient.Serving(4, 1, 0);

  private final Lifecycle lifecycle;

  Rehearsal(Lifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  /// Attaches a worker that only plays.
  ///
  /// @param local the way in for a worker of the same process
  void join(Channel local, String token) {
    Channel channel = new WorkerCredentials(LoadWorker.ID, token).on(local);
    try {
      TaskSockets sockets =
          lifecycle.add(
              "task sockets", new TaskSockets(Files.createTempDirectory("slipway"), channel));
      ContainersOnLanes containers =
          lifecycle.add("containers' ends of the sockets", new ContainersOnLanes(sockets));
      lifecycle.add("playing worker", new LoadWorker(channel, containers, new Gate()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Asks and calls as clients do, for a while.
  void play(ClientEnvironment environment) {
    URI server = URI.create(environment.serverUrl());
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                server.getHost(), server.getPort(), InsecureChannelCredentials.create())
            .build();
    lifecycle.add("playing client", channel::shutdownNow);
    try (LoadClient client = LoadClient.make(channel, environment.variables(), SERVING)) {
      System.out.printf(
          Locale.ROOT,
          "slipway rehearsed %d programs, %d calls and %d inputs of maps%n",
          repeat(PROGRAMS, () -> LoadProgram.make(client)),
          repeat(CALLS, () -> LoadCall.make(client)),
          map(client));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// How many.
  private static int repeat(int times, Runnable practice) {
    long end = System.nanoTime() + AT_MOST.toNanos();
    int made = 0;
    while (made < times && System.nanoTime() < end) {
      practice.run();
      made++;
    }
    return made;
  }

  /// How many.
  private static long map(LoadClient client) throws InterruptedException {
    long end = System.nanoTime() + AT_MOST.toNanos();
    Tally tally = new Tally();
    List<LoadMap> maps = new ArrayList<>();
    for (int i = 0; i < MAPS; i++) {
      maps.add(LoadMap.start(client, OUTSTANDING, true, Pace.unlimited(), tally));
    }
    while (tally.finished() < MAPPED && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN.toMillis());
    }
    for (LoadMap map : maps) {
      map.finish(AT_MOST);
    }
    return tally.finished();
  }
}
