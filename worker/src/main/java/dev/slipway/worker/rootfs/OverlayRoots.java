package dev.slipway.worker.rootfs;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.kernel.FileSystems.Overlay;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.Uses;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Mounts overlays below `roots/<id>`, below `disks/<id>` where a container has disk of its own,
/// and on layers that are being made.
public final class OverlayRoots implements AutoCloseable {
  /// Most layers, mounts and bytecode layers of one root file system.
  public static final int MAX_LOWERS = 200;

  /// Layers must not depend on how a kernel was configured: a renamed directory is copied, and no
  /// file refers to a layer below it. Nobody needs the changes after a crash of the machine, so
  /// nothing is flushed; a layer is, when it is committed.
  private static final List<String> FLAGS =
      List.of("index=off", "redirect_dir=off", "metacopy=off", "xino=off", "volatile");

  private final Path roots;
  private final EphemeralDisks disks;
  private final Uses uses;

  private OverlayRoots(Path roots, EphemeralDisks disks, Uses uses) {
    this.roots = roots;
    this.disks = disks;
    this.uses = uses;
  }

  /// Opens the roots below a worker's directory, after unmounting and deleting what a worker that
  /// was killed left there.
  ///
  /// @param uses told which layers and mounts lie below a root file system
  public static OverlayRoots open(Path workerDirectory, Uses uses) throws IOException {
    Path directory = workerDirectory.toAbsolutePath().normalize();
    Path roots = directory.resolve("roots");
    MountTable.detachBelow(roots);
    Trees.delete(roots);
    Files.createDirectories(roots);
    return new OverlayRoots(roots, EphemeralDisks.open(directory), uses);
  }

  /// Takes away every root file system that is still mounted. Their containers must have ended.
  @Override
  public void close() throws IOException {
    MountTable.detachBelow(roots);
    Trees.delete(roots);
    disks.close();
  }

  /// Mounts a root file system whose changes are dropped when it is closed.
  ///
  /// @param lowers top to bottom, at least one
  public RootFilesystem mount(String id, List<Path> lowers) throws IOException {
    return mount(id, lowers, _ -> {});
  }

  /// Like [#mount(String, List)], after `prepare` was called with the still empty directory that
  /// takes the changes.
  RootFilesystem mount(String id, List<Path> lowers, Preparation prepare) throws IOException {
    Path home = newHome(roots, id);
    try {
      Path upper = Files.createDirectory(home.resolve("upper"));
      return onOwnFiles(lowers, upper, home, home.resolve("work"), prepare);
    } catch (IOException | RuntimeException e) {
      Trees.delete(home);
      throw e;
    }
  }

  /// The same, for a container that may write no more than `diskMib`, and has room for that.
  RootFilesystem mountOnDisk(String id, int diskMib, List<Path> lowers, Preparation prepare)
      throws IOException, InterruptedException {
    disks.anchor();
    Path home = newHome(disks.directory(), id);
    try {
      Path disk = disks.make(home, diskMib);
      Path upper = Files.createDirectory(disk.resolve("upper"));
      RootFilesystem root = onOwnFiles(lowers, upper, home, disk.resolve("work"), prepare);
      EphemeralDisks.hide(disk);
      return root;
    } catch (IOException | RuntimeException | InterruptedException e) {
      MountTable.detachBelow(home);
      Trees.delete(home);
      throw e;
    }
  }

  private Path newHome(Path below, String id) throws IOException {
    Path home = below.resolve(id);
    if (!below.equals(home.getParent())
        || Files.exists(roots.resolve(id))
        || Files.exists(disks.directory().resolve(id))) {
      throw new SlipwayException(
          ErrorKind.CONFLICT, "there is a root file system '" + id + "' on this machine already");
    }
    return Files.createDirectory(home);
  }

  private RootFilesystem onOwnFiles(
      List<Path> lowers, Path upper, Path home, Path work, Preparation prepare) throws IOException {
    Ownership.giveToRoot(upper);
    Files.setAttribute(upper, "unix:mode", 0755);
    prepare.prepare(upper);
    return overlay(lowers, upper, Files.createDirectory(work), home, List.of(home));
  }

  /// Mounts a root file system whose changes become a layer: close it before committing the layer.
  ///
  /// @param lowers top to bottom, at least one
  public RootFilesystem mount(LayerStaging layer, List<Path> lowers) throws IOException {
    return mount(layer, lowers, _ -> {});
  }

  /// Like [#mount(LayerStaging, List)], after `prepare` was called with the still empty directory
  /// that takes the changes.
  RootFilesystem mount(LayerStaging layer, List<Path> lowers, Preparation prepare)
      throws IOException {
    Path home = layer.directory();
    prepare.prepare(layer.diff());
    Path work = Files.createDirectory(home.resolve("work"));
    return overlay(lowers, layer.diff(), work, home, List.of(work, home.resolve("root")));
  }

  private RootFilesystem overlay(
      List<Path> lowers, Path upper, Path work, Path home, List<Path> leftovers)
      throws IOException {
    if (lowers.isEmpty() || lowers.size() > MAX_LOWERS) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "a root file system of %d layers and mounts was asked for; 1 to %d are possible"
              .formatted(lowers.size(), MAX_LOWERS));
    }
    Path root = Files.createDirectory(home.resolve("root"));
    // A layer's files, and a mount's, are one level below the directory that is theirs.
    Uses.Hold hold = uses.hold(lowers.stream().map(Path::getParent).distinct().toList());
    try {
      FileSystems.mountOverlay(new Overlay(lowers, upper, work, FLAGS), root);
      return new RootFilesystem(root, new LayeredView(lowers), leftovers, hold);
    } catch (IOException | RuntimeException e) {
      hold.close();
      throw e;
    }
  }

  /// Fills the upper directory of a root file system before it is mounted.
  interface Preparation {
    void prepare(Path upper) throws IOException;
  }
}
