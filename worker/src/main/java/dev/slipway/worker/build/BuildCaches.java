package dev.slipway.worker.build;

import dev.slipway.content.files.Trees;
import dev.slipway.model.Digest;
import dev.slipway.model.RunMount;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Directories that build steps share from build to build, and that no layer keeps:
/// `build-caches/<digest of whose it is and its id>`.
///
/// A cache that has outgrown its limit, or that was written to by a step which took too much of the
/// disk, goes as a whole when the last command that has it ends.
public final class BuildCaches {
  private static final Logger log = LoggerFactory.getLogger(BuildCaches.class);

  /// How long a cache stays that no build uses.
  static final Duration KEPT = Duration.ofDays(30);

  /// Ends the names of caches that are being removed.
  private static final String GONE = ".gone";

  private final Path directory;
  private final long limitBytes;
  private final Clock clock;
  private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /// How many commands have a cache, and those that go with the last of them.
  private final Map<String, Integer> users = new HashMap<>();

  private final Set<String> doomed = new HashSet<>();

  private BuildCaches(Path directory, long limitBytes, Clock clock) {
    this.directory = directory;
    this.limitBytes = limitBytes;
    this.clock = clock;
  }

  /// Opens the caches below a worker's directory, without those that nobody used for [#KEPT].
  ///
  /// @param limitBytes most bytes of one cache
  public static BuildCaches open(Path workerDirectory, long limitBytes, Clock clock)
      throws IOException {
    Path directory = workerDirectory.toAbsolutePath().normalize().resolve("build-caches");
    Files.createDirectories(directory);
    Instant oldest = clock.instant().minus(KEPT);
    List<Path> all;
    try (Stream<Path> found = Files.list(directory)) {
      all = found.toList();
    }
    for (Path cache : all) {
      boolean unused = Files.getLastModifiedTime(cache).toInstant().isBefore(oldest);
      if (unused || cache.toString().endsWith(GONE)) {
        Trees.delete(cache);
      }
    }
    return new BuildCaches(directory, limitBytes, clock);
  }

  /// A cache while a command has it.
  final class Lease implements AutoCloseable {
    private final String name;
    private final List<ReentrantLock> lock;

    /// @param lock held by this thread, when the command wants the cache for itself
    private Lease(String name, List<ReentrantLock> lock) {
      this.name = name;
      this.lock = lock;
    }

    Path directory() {
      return directory.resolve(name);
    }

    /// Has the cache go: what is in it took too much room.
    void doom() {
      synchronized (users) {
        doomed.add(name);
      }
    }

    @Override
    public void close() {
      try {
        left(name);
      } finally {
        lock.forEach(ReentrantLock::unlock);
      }
    }
  }

  /// The directory of a cache, made empty when there is none. Waits for another command that has it
  /// for itself, when this one wants that, too: who leases several takes them in the order of their
  /// ids.
  ///
  /// @param scope whose builds share it
  Lease lease(String scope, RunMount.Cache cache) throws IOException, InterruptedException {
    String name = name(scope, cache.id());
    List<ReentrantLock> held = List.of();
    if (cache.exclusive()) {
      ReentrantLock lock = locks.computeIfAbsent(name, _ -> new ReentrantLock());
      lock.lockInterruptibly();
      held = List.of(lock);
    }
    Lease lease = new Lease(name, held);
    synchronized (users) {
      users.merge(name, 1, Integer::sum);
    }
    try {
      prepare(lease.directory(), cache.access());
      return lease;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /// A command has a cache no longer. What is too large is out of the way before the next command
  /// can have it, and then removed.
  private void left(String name) {
    Path cache = directory.resolve(name);
    Path gone = directory.resolve(UUID.randomUUID() + GONE);
    // Measured before anybody else has to wait: a large cache takes a while.
    boolean tooLarge = isTooLarge(cache);
    try {
      synchronized (users) {
        if (tooLarge) {
          doomed.add(name);
        }
        if (users.merge(name, -1, Integer::sum) > 0) {
          return;
        }
        users.remove(name);
        if (!doomed.remove(name)) {
          return;
        }
        Files.move(cache, gone);
      }
      Trees.delete(gone);
    } catch (IOException e) {
      log.warn("the cache {} could not be removed: {}", cache, e.toString());
    }
  }

  private boolean isTooLarge(Path cache) {
    try {
      return Trees.measure(cache).bytes() > limitBytes;
    } catch (IOException e) {
      log.warn("the cache {} may be too large: {}", cache, e.toString());
      return false;
    }
  }

  private void prepare(Path cache, RunMount.Access access) throws IOException {
    if (!Files.exists(cache)) {
      Files.createDirectories(cache);
      Ownership.give(cache, access.uid(), access.gid());
      Files.setAttribute(cache, "unix:mode", access.mode());
    }
    Files.setLastModifiedTime(cache, FileTime.from(clock.instant()));
  }

  private static String name(String scope, String id) {
    byte[] text = (scope.length() + " " + scope + id).getBytes(StandardCharsets.UTF_8);
    return Digest.sha256(text).hex();
  }
}
