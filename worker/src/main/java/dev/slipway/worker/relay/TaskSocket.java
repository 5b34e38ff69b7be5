package dev.slipway.worker.relay;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// The socket of one task, open until it is closed.
public final class TaskSocket implements AutoCloseable {
  /// Name of the socket in its directory.
  public static final String SOCKET = "api.sock";

  /// Name of the socket for the most frequent calls.
  public static final String LANE = "lane.sock";

  private final Path directory;
  private final TaskLanes lanes;
  private final AtomicBoolean used;
  private final Runnable closing;

  /// @param used set once the container has called the platform
  TaskSocket(Path directory, TaskLanes lanes, AtomicBoolean used, Runnable closing) {
    this.directory = directory;
    this.lanes = lanes;
    this.used = used;
    this.closing = closing;
  }

  /// To be bound into the task's container, and into no other.
  public Path directory() {
    return directory;
  }

  /// Whether the container has called the platform, which the runner of functions does first.
  public boolean isUsed() {
    return used.get();
  }

  /// Waits until the platform knows all that the container said before its end.
  ///
  /// @return whether it does; else the rest is given up
  public boolean settle(Duration patience) throws InterruptedException {
    boolean quiet = lanes.awaitQuiet(patience);
    lanes.abandon();
    return quiet;
  }

  @Override
  public void close() {
    lanes.abandon();
    closing.run();
  }
}
