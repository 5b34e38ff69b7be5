package dev.slipway.worker.layer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/// Who uses directories that could be fetched or made again, such as those of layers, and when each
/// was used last. What is in use is never removed.
///
/// Whoever looks for a directory touches it first and looks then. A removal is decided on what was
/// known at an earlier moment, and is refused when there was a touch since: so either the one who
/// looks finds the directory and it stays, or it is gone before the look.
public final class Uses {
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Path, Standing> standings = new HashMap<>();

  public Uses(Clock clock) {
    this.clock = clock;
  }

  /// How a directory is used.
  ///
  /// @param holders how many use it now
  public record Standing(int holders, Instant lastUsed) {}

  /// Takes a directory away, so that nobody finds it any more.
  @FunctionalInterface
  public interface Removal {
    void remove() throws IOException;
  }

  /// Use of some directories until it is closed. A second closing does nothing.
  public final class Hold implements AutoCloseable {
    private final List<Path> directories;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Hold(Collection<Path> directories) {
      this.directories = List.copyOf(directories);
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        directories.forEach(directory -> change(directory, -1));
      }
    }
  }

  /// Begins to use directories.
  public Hold hold(Collection<Path> directories) {
    Hold hold = new Hold(directories);
    hold.directories.forEach(directory -> change(directory, 1));
    return hold;
  }

  /// A directory was looked for.
  ///
  /// @return whether that had not happened before in this process
  public boolean touch(Path directory) {
    return change(directory, 0);
  }

  private boolean change(Path directory, int holders) {
    lock.lock();
    try {
      Standing before = standings.get(directory);
      int now = (before == null ? 0 : before.holders()) + holders;
      standings.put(directory, new Standing(now, clock.instant()));
      return before == null;
    } finally {
      lock.unlock();
    }
  }

  /// How a directory is used.
  ///
  /// @param before when it was used last, if nobody used it in this process
  public Standing standing(Path directory, Instant before) {
    lock.lock();
    try {
      return standings.getOrDefault(directory, new Standing(0, before));
    } finally {
      lock.unlock();
    }
  }

  /// Removes a directory, unless somebody uses it or has touched it since a moment.
  ///
  /// @return whether it was removed
  public boolean removeUnlessUsed(Path directory, Instant since, Removal removal)
      throws IOException {
    lock.lock();
    try {
      Standing standing = standings.get(directory);
      boolean used =
          standing != null && (standing.holders() > 0 || !standing.lastUsed().isBefore(since));
      if (used) {
        return false;
      }
      removal.remove();
      standings.remove(directory);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
