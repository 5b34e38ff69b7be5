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
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Directories that build steps share from build to build, and that no layer keeps:
/// `build-caches/<digest of whose it is and its id>`.
public final class BuildCaches {
  /// How long a cache stays that no build uses.
  static final Duration KEPT = Duration.ofDays(30);

  private final Path directory;
  private final Clock clock;
  private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  private BuildCaches(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /// Opens the caches below a worker's directory, without those that nobody used for [#KEPT].
  public static BuildCaches open(Path workerDirectory, Clock clock) throws IOException {
    Path directory = workerDirectory.toAbsolutePath().normalize().resolve("build-caches");
    Files.createDirectories(directory);
    Instant oldest = clock.instant().minus(KEPT);
    List<Path> all;
    try (Stream<Path> found = Files.list(directory)) {
      all = found.toList();
    }
    for (Path cache : all) {
      if (Files.getLastModifiedTime(cache).toInstant().isBefore(oldest)) {
        Trees.delete(cache);
      }
    }
    return new BuildCaches(directory, clock);
  }

  /// A cache while a command has it.
  ///
  /// @param lock held by this thread, when the command wants the cache for itself
  record Lease(Path directory, List<ReentrantLock> lock) implements AutoCloseable {
    @Override
    public void close() {
      lock.forEach(ReentrantLock::unlock);
    }
  }

  /// The directory of a cache, made empty when there is none. Waits for another command that has it
  /// for itself, when this one wants that, too.
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
    Lease lease = new Lease(directory.resolve(name), held);
    try {
      prepare(lease.directory(), cache.access());
      return lease;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
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
