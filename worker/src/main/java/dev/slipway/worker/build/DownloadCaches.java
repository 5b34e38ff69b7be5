package dev.slipway.worker.build;

import dev.slipway.content.files.Trees;
import dev.slipway.model.Digest;
import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What pip, uv and apt downloaded in earlier builds of the same workspace, seen by the commands of
/// a build and kept by no layer: `download-caches/<digest of whose it is>/<generation>`.
///
/// pip and uv share their directories among builds at the same time, as they are made for. apt is
/// not: each command has a directory of its own with links to the packages that are here, and what
/// it downloaded is taken over when it succeeded.
///
/// A cache that has outgrown its limit is given up as a whole when the next command begins, since
/// files cannot be taken out of the middle of uv's: that command begins with an empty one, and the
/// old one goes when the last command that still sees it has ended.
public final class DownloadCaches {
  private static final Logger log = LoggerFactory.getLogger(DownloadCaches.class);

  /// Most bytes that the builds of one workspace keep on one machine, unless set otherwise.
  public static final long DEFAULT_LIMIT_MIB = 10L << 10;

  private static final String TARGET = "/__modal/cache";

  /// Apt of older suites gives up at the first stumble of the network, unless the image says
  /// otherwise.
  private static final String APT_CONFIGURATION =
      """
      Acquire::Retries "5";
      Dir::Cache::archives "%1$s/apt";
      DPkg::Pre-Install-Pkgs { "xargs -r ln -f -t %1$s/apt/kept 2>/dev/null || true"; };
      """
          .formatted(TARGET);

  private final Path directory;
  private final long limitBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Generation> current = new HashMap<>();

  /// A cache as it is now, until it is given up.
  private static final class Generation {
    private final Path directory;
    private int users;
    private boolean full;
    private boolean abandoned;

    Generation(Path directory) {
      this.directory = directory;
    }
  }

  private DownloadCaches(Path directory, long limitBytes) {
    this.directory = directory;
    this.limitBytes = limitBytes;
  }

  /// Opens the caches below a worker's directory. Generations beside the latest one are leftovers.
  public static DownloadCaches open(Path workerDirectory, long limitBytes) throws IOException {
    Path directory = workerDirectory.toAbsolutePath().normalize().resolve("download-caches");
    Files.createDirectories(directory);
    DownloadCaches caches = new DownloadCaches(directory, limitBytes);
    for (Path scope : list(directory)) {
      List<Path> generations = list(scope);
      for (Path old : generations.subList(0, Math.max(0, generations.size() - 1))) {
        Trees.delete(old);
      }
      if (!generations.isEmpty()) {
        Generation found = new Generation(generations.getLast());
        found.full = Trees.measure(found.directory).bytes() > limitBytes;
        caches.current.put(scope.getFileName().toString(), found);
      }
    }
    return caches;
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      return found.sorted().toList();
    }
  }

  /// The caches while a command has them.
  final class Lease implements AutoCloseable {
    private final Generation generation;
    private final Path apt;
    private boolean succeeded;

    private Lease(Generation generation, Path apt) {
      this.generation = generation;
      this.apt = apt;
    }

    /// What is bound into the command's container.
    List<Bind> binds() {
      return List.of(
          new Bind(generation.directory.resolve("pip"), TARGET + "/pip", false),
          new Bind(generation.directory.resolve("uv"), TARGET + "/uv", false),
          new Bind(apt.resolve("archives"), TARGET + "/apt", false),
          new Bind(apt.resolve("apt.conf"), TARGET + "/apt.conf", true));
    }

    /// What makes pip, uv and apt use them; below what the image and the user say.
    Map<String, String> variables() {
      return Map.of(
          "PIP_CACHE_DIR", TARGET + "/pip",
          "UV_CACHE_DIR", TARGET + "/uv",
          // Links into a cache would make a layer depend on it.
          "UV_LINK_MODE", "copy",
          "APT_CONFIG", TARGET + "/apt.conf");
    }

    /// The command ended well: what apt downloaded is kept.
    void succeeded() {
      succeeded = true;
    }

    @Override
    public void close() throws IOException {
      try {
        if (succeeded) {
          takeOver(apt.resolve("archives/kept"), generation.directory.resolve("apt"));
        }
        Trees.delete(apt);
      } finally {
        release(generation);
      }
    }
  }

  /// Gives a command the caches.
  ///
  /// @param scope whose builds share them
  /// @param own a directory that does not exist, for what is this command's alone
  Lease lease(String scope, Path own) throws IOException {
    Generation generation = begin(Digest.sha256(scope.getBytes(StandardCharsets.UTF_8)).hex());
    try {
      Path archives = own.resolve("archives");
      for (Path made : List.of(archives, archives.resolve("partial"), archives.resolve("kept"))) {
        Ownership.giveToRoot(Files.createDirectories(made));
      }
      for (Path archive : list(generation.directory.resolve("apt"))) {
        Files.createLink(archives.resolve(archive.getFileName()), archive);
      }
      Ownership.giveToRoot(Files.writeString(own.resolve("apt.conf"), APT_CONFIGURATION));
      return new Lease(generation, own);
    } catch (IOException | RuntimeException e) {
      release(generation);
      throw e;
    }
  }

  private Generation begin(String scope) throws IOException {
    lock.lock();
    try {
      Generation now = current.get(scope);
      if (now == null || now.full) {
        Path fresh =
            directory
                .resolve(scope)
                .resolve("%020d-%s".formatted(System.currentTimeMillis(), UUID.randomUUID()));
        for (String part : List.of("pip", "uv", "apt")) {
          Ownership.giveToRoot(Files.createDirectories(fresh.resolve(part)));
        }
        Generation before = now;
        now = new Generation(fresh);
        current.put(scope, now);
        if (before != null) {
          before.abandoned = true;
          deleteIfUnused(before);
        }
      }
      now.users++;
      return now;
    } finally {
      lock.unlock();
    }
  }

  private void release(Generation generation) {
    lock.lock();
    try {
      generation.users--;
      deleteIfUnused(generation);
    } finally {
      lock.unlock();
    }
    // Many files take a while to look at, and the next step need not wait for it.
    Thread.ofVirtual().name("measure downloads").start(() -> measure(generation));
  }

  private void measure(Generation generation) {
    boolean full;
    try {
      full = Trees.measure(generation.directory).bytes() > limitBytes;
    } catch (IOException e) {
      // Others change it meanwhile; it is measured again after their use.
      log.debug("{} could not be measured: {}", generation.directory, e.toString());
      return;
    }
    lock.lock();
    try {
      generation.full |= full;
    } finally {
      lock.unlock();
    }
  }

  /// The caller holds the lock. Nobody waits for the deletion of many files.
  private static void deleteIfUnused(Generation generation) {
    if (generation.abandoned && generation.users == 0) {
      Path directory = generation.directory;
      Thread.ofVirtual()
          .name("delete " + directory.getFileName())
          .start(() -> {
            try {
              Trees.delete(directory);
            } catch (IOException e) {
              log.warn("{} stays until the next start: {}", directory, e.toString());
            }
          });
    }
  }

  /// Only plain files with the names of packages: nothing that a command made of links.
  private static void takeOver(Path from, Path to) throws IOException {
    for (Path archive : list(from)) {
      Path name = archive.getFileName();
      if (!name.toString().endsWith(".deb")
          || !Files.isRegularFile(archive, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      try {
        Files.move(archive, to.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        log.debug("another build has taken {} over: {}", name, e.toString());
      }
    }
  }
}
