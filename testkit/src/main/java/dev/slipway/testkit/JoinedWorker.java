package dev.slipway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A worker in a process of its own, as `slipway worker --join` starts it beside a server that runs
/// elsewhere.
public final class JoinedWorker implements AutoCloseable {
  private static final Duration READY_AT_MOST = Duration.ofMinutes(3);
  private static final Duration STOPPED_AT_MOST = Duration.ofSeconds(60);

  private final ChildProcess process;

  private JoinedWorker(ChildProcess process) {
    this.process = process;
  }

  /// Starts a worker on a data directory of its own and waits until it is attached to the server.
  public static JoinedWorker start(Slipway server, Path data) {
    ChildProcess process =
        ChildProcess.start(
            Slipway.launch("worker", "--join", server.url(), "--data", data.toString()),
            Project.root(),
            Slipway.environment(Map.of("SLIPWAY_WORKER_TOKEN", tokenOf(server))));
    process.transcript().await("slipway worker ready " + server.url(), READY_AT_MOST);
    return new JoinedWorker(process);
  }

  private static String tokenOf(Slipway server) {
    try {
      return Files.readString(server.data().resolve("worker-token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("the server's token for workers cannot be read", e);
    }
  }

  /// `kill -9` of the worker's process, and of nothing else.
  public void kill() {
    process.signal(Signal.KILL);
    process.awaitExit(STOPPED_AT_MOST);
  }

  /// Asks it to end, and waits. Throws an [AssertionError] with its log when it does not end with
  /// status 0.
  @Override
  public void close() {
    try (ChildProcess last = process) {
      if (last.alive()) {
        last.signal(Signal.TERM);
        int status = last.awaitExit(STOPPED_AT_MOST);
        if (status != 0) {
          throw new AssertionError("the worker ended with " + status + ":\n" + last.transcript());
        }
      }
    }
  }
}
