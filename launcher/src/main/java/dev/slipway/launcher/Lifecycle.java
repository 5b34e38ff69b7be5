package dev.slipway.launcher;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The running parts, in the order in which they were started. They are stopped in the opposite
/// order, each exactly once; one that fails does not keep the others from stopping.
public final class Lifecycle implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  private final Deque<Part> parts = new ArrayDeque<>();
  private boolean closed;

  private record Part(String name, AutoCloseable closing) {}

  /// Remembers a part that runs now.
  ///
  /// @param name for the log, such as `embedded PostgreSQL`
  /// @throws IllegalStateException when everything is being stopped already; the part is stopped
  ///   too
  public <T extends AutoCloseable> T add(String name, T part) {
    if (!remember(new Part(name, part))) {
      stop(new Part(name, part));
      throw new IllegalStateException(name + " came up while everything was being stopped");
    }
    LOG.debug("Started {}", name);
    return part;
  }

  private synchronized boolean remember(Part part) {
    if (!closed) {
      parts.push(part);
    }
    return !closed;
  }

  /// Stops everything.
  @Override
  public void close() {
    for (Part part = next(); part != null; part = next()) {
      stop(part);
    }
  }

  private static void stop(Part part) {
    long began = System.nanoTime();
    try {
      part.closing().close();
      LOG.debug(
          "Stopped {} in {} ms",
          part.name(),
          Duration.ofNanos(System.nanoTime() - began).toMillis());
    } catch (Exception e) {
      LOG.warn("{} did not stop cleanly", part.name(), e);
    }
  }

  private synchronized @Nullable Part next() {
    closed = true;
    return parts.poll();
  }
}
