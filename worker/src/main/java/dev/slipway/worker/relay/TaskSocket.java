package dev.slipway.worker.relay;

import java.nio.file.Path;

/// The socket of one task, open until it is closed.
///
/// @param directory to be bound into the task's container, and into no other
public record TaskSocket(Path directory, Runnable closing) implements AutoCloseable {
  /// Name of the socket in its directory.
  public static final String SOCKET = "api.sock";

  /// Name of the socket for the most frequent calls.
  public static final String LANE = "lane.sock";

  @Override
  public void close() {
    closing.run();
  }
}
