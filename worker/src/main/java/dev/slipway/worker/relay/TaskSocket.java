package dev.slipway.worker.relay;

import java.nio.file.Path;
import java.time.Duration;

/// The socket of one task, open until it is closed.
public final class TaskSocket implements AutoCloseable {
  /// Name of the socket in its directory.
  public static final String SOCKET = "api.sock";

  /// Name of the socket for the most frequent calls.
  public static final String LANE = "lane.sock";

  private final Path directory;
  private final TaskLanes lanes;
  private final Runnable closing;

  TaskSocket(Path directory, TaskLanes lanes, Runnable closing) {
    this.directory = directory;
    this.lanes = lanes;
    this.closing = closing;
  }

  /// To be bound into the task's container, and into no other.
  public Path directory() {
    return directory;
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
