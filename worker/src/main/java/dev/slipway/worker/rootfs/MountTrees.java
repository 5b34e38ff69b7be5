package dev.slipway.worker.rootfs;

import dev.slipway.content.files.Trees;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.Uses;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.ContentSource.MountFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mounts as directories, `mounts/<id>/tree`, each fetched once and kept: a mount's id names its
/// contents. Whoever asks for a mount that is just being fetched waits for it.
///
/// A tree appears in one rename when it is whole. Its files belong to the containers' root, and the
/// time of a file follows from its contents, so that equal mounts are equal trees and Python never
/// takes the bytecode of one version of a file for that of another.
public final class MountTrees {
  private static final Logger log = LoggerFactory.getLogger(MountTrees.class);

  /// Most files that are fetched at the same time.
  static final int MAX_CONCURRENT_READS = 16;

  private static final String TREE = "tree";
  private static final int DIRECTORY_MODE = 0755;
  private static final Instant OLDEST = Instant.parse("2010-01-01T00:00:00Z");
  private static final int TIME_HEX_DIGITS = 7;

  private final Path mounts;
  private final Path inMaking;
  private final ContentSource source;
  private final Uses uses;
  private final ConcurrentHashMap<MountId, Long> sizes = new ConcurrentHashMap<>();
  private final Semaphore reads = new Semaphore(MAX_CONCURRENT_READS);
  private final ConcurrentHashMap<MountId, CompletableFuture<MountTree>> trees =
      new ConcurrentHashMap<>();

  private MountTrees(Path mounts, Path inMaking, ContentSource source, Uses uses) {
    this.mounts = mounts;
    this.inMaking = inMaking;
    this.source = source;
    this.uses = uses;
  }

  /// Opens the trees below a worker's directory, without what an interrupted fetch left.
  public static MountTrees open(Path workerDirectory, ContentSource source, Uses uses)
      throws IOException {
    Path root = workerDirectory.toAbsolutePath().normalize();
    MountTrees trees =
        new MountTrees(root.resolve("mounts"), root.resolve("mounts-in-making"), source, uses);
    Trees.delete(trees.inMaking);
    Files.createDirectories(trees.mounts);
    Files.createDirectories(trees.inMaking);
    return trees;
  }

  /// The tree of a mount, fetched now if this machine does not have it.
  ///
  /// @throws SlipwayException of kind `NOT_FOUND` when there is no such mount, `INVALID` when its
  ///   paths cannot be, `DATA_LOSS` when a file is not what its digest says
  public MountTree require(MountId id) throws IOException, InterruptedException {
    Path home = mounts.resolve(id.value());
    if (uses.touch(home) && Files.exists(home)) {
      Files.setLastModifiedTime(home, FileTime.from(Instant.now()));
    }
    CompletableFuture<MountTree> mine = new CompletableFuture<>();
    CompletableFuture<MountTree> theirs = trees.putIfAbsent(id, mine);
    if (theirs != null) {
      return await(theirs);
    }
    // On a thread of its own: when the container that asked first is stopped, others still wait.
    Thread.ofVirtual().name("fetch " + id).start(() -> complete(id, mine));
    return await(mine);
  }

  private void complete(MountId id, CompletableFuture<MountTree> future) {
    try {
      future.complete(make(id));
    } catch (Throwable e) {
      // Forgotten before anybody hears of the failure, so that the next request tries again.
      trees.remove(id, future);
      future.completeExceptionally(e);
    }
  }

  /// The trees of several mounts, in the same order; those not here yet are fetched side by side.
  public List<MountTree> requireAll(List<MountId> ids) throws IOException, InterruptedException {
    if (ids.stream().allMatch(this::isHere) || ids.size() <= 1) {
      List<MountTree> here = new ArrayList<>();
      for (MountId id : ids) {
        here.add(require(id));
      }
      return here;
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<MountTree>> pending =
          ids.stream().map(id -> executor.submit(() -> require(id))).toList();
      return results(executor, pending);
    }
  }

  private boolean isHere(MountId id) {
    CompletableFuture<MountTree> tree = trees.get(id);
    return tree != null && tree.isDone();
  }

  /// What this machine has of a mount.
  ///
  /// @param sizeBytes sum of the sizes of its files
  public record Held(MountId id, long sizeBytes, Uses.Standing standing) {}

  /// The mounts that are on this machine.
  public List<Held> list() throws IOException {
    List<Path> homes;
    try (Stream<Path> found = Files.list(mounts)) {
      homes = found.sorted().toList();
    }
    List<Held> held = new ArrayList<>();
    for (Path home : homes) {
      MountId id = new MountId(home.getFileName().toString());
      Long size = sizes.get(id);
      if (size == null) {
        size = Trees.measure(home).bytes();
        sizes.put(id, size);
      }
      held.add(
          new Held(id, size, uses.standing(home, Files.getLastModifiedTime(home).toInstant())));
    }
    return held;
  }

  /// Removes a mount that nobody uses and nobody has asked for since a moment; it is fetched again
  /// when it is needed.
  ///
  /// @return whether it was removed
  public boolean removeUnlessUsed(MountId id, Instant since) throws IOException {
    Path home = mounts.resolve(id.value());
    if (!Files.exists(home) || Files.getLastModifiedTime(home).toInstant().isAfter(since)) {
      return false;
    }
    Path away = inMaking.resolve("removed-" + UUID.randomUUID());
    boolean removed =
        uses.removeUnlessUsed(
            home,
            since,
            () -> {
              Files.move(home, away, StandardCopyOption.ATOMIC_MOVE);
              trees.remove(id);
              sizes.remove(id);
            });
    if (removed) {
      Trees.delete(away);
    }
    return removed;
  }

  private MountTree make(MountId id) throws IOException, InterruptedException {
    Path home = mounts.resolve(id.value());
    Path tree = home.resolve(TREE);
    if (Files.isDirectory(tree)) {
      return new MountTree(id, tree, directoriesOf(tree));
    }
    long begun = System.nanoTime();
    MountPaths.Layout layout = MountPaths.layOut(id, source.readMount(id));
    Path staging = inMaking.resolve(UUID.randomUUID().toString());
    try {
      write(layout, Files.createDirectories(staging.resolve(TREE)));
      Files.move(staging, home, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Trees.delete(staging);
    }
    log.info(
        "fetched the mount {}: {} files in {} ms",
        id,
        layout.files().size(),
        (System.nanoTime() - begun) / 1_000_000);
    return new MountTree(id, tree, layout.directories());
  }

  private void write(MountPaths.Layout layout, Path tree) throws IOException, InterruptedException {
    for (String directory : layout.directories()) {
      Files.createDirectory(inside(tree, directory));
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> pending = new ArrayList<>();
      for (Map.Entry<String, MountFile> file : layout.files().entrySet()) {
        pending.add(
            executor.submit(() -> {
              fetch(file.getValue(), inside(tree, file.getKey()));
              return null;
            }));
      }
      results(executor, pending);
    }
    // Last and deepest first: a directory's time changes with every file that is made in it.
    for (String directory : layout.directories().reversed()) {
      finish(inside(tree, directory), DIRECTORY_MODE, OLDEST);
    }
    finish(tree, DIRECTORY_MODE, OLDEST);
  }

  private void fetch(MountFile file, Path target) throws IOException, InterruptedException {
    MessageDigest sha256 = sha256();
    reads.acquire();
    try (OutputStream out =
        new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(target)), sha256)) {
      source.read(file.digest(), out);
    } finally {
      reads.release();
    }
    Digest found = Digest.of(sha256.digest());
    if (!found.equals(file.digest())) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          "the content of '%s' has the digest %s, %s was expected"
              .formatted(file.path(), found, file.digest()));
    }
    finish(target, file.effectiveMode(), timeOf(file.digest()));
  }

  private static void finish(Path path, int mode, Instant time) throws IOException {
    Ownership.giveToRoot(path);
    Files.setAttribute(path, "unix:mode", mode);
    Files.setLastModifiedTime(path, FileTime.from(time));
  }

  /// A time between 2010 and 2018 that follows from the contents.
  static Instant timeOf(Digest digest) {
    return OLDEST.plusSeconds(Integer.parseInt(digest.hex().substring(0, TIME_HEX_DIGITS), 16));
  }

  private static Path inside(Path tree, String path) {
    return tree.resolve(path.substring(1));
  }

  private static List<String> directoriesOf(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      return paths
          .filter(path -> !path.equals(tree) && Files.isDirectory(path))
          .map(path -> "/" + tree.relativize(path))
          .sorted()
          .toList();
    }
  }

  private static <T> List<T> results(ExecutorService executor, List<Future<T>> pending)
      throws IOException, InterruptedException {
    List<T> results = new ArrayList<>();
    try {
      for (Future<T> one : pending) {
        results.add(one.get());
      }
      return results;
    } catch (ExecutionException e) {
      executor.shutdownNow();
      throw rethrow(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      executor.shutdownNow();
      throw e;
    }
  }

  private static MountTree await(CompletableFuture<MountTree> future)
      throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw rethrow(e.getCause() == null ? e : e.getCause());
    }
  }

  private static IOException rethrow(Throwable cause) throws InterruptedException {
    return switch (cause) {
      case IOException io -> io;
      case InterruptedException interrupted -> throw interrupted;
      case UncheckedIOException unchecked -> new IOException(unchecked);
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      case Throwable other -> new IOException(other);
    };
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
