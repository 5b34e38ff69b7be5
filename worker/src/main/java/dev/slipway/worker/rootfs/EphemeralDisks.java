package dev.slipway.worker.rootfs;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.kernel.FileDisks;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Posix;
import dev.slipway.worker.machine.Program;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Disks of containers that ask for some of their own: each a file of that size below `disks/<id>`,
/// with a file system in it, which takes what the container writes.
public final class EphemeralDisks {
  /// Of what is free when a worker starts, images and everybody else keep this part.
  private static final int KEPT_PERCENT = 10;

  /// What a file system needs for itself: a part for the tables of its files, and a fixed amount.
  private static final int OVERHEAD_DIVISOR = 32;

  private static final int OVERHEAD_MIB = 24;
  private static final long BYTES_PER_MIB = 1 << 20;
  private static final long MS_SHARED = 1 << 20;

  /// No journal, since nobody needs the contents after a crash; nothing kept for root; tables of
  /// files are written when they are used.
  private static final List<String> MAKE_OPTIONS =
      List.of(
          "-q",
          "-F",
          "-b",
          "4096",
          "-I",
          "256",
          "-i",
          "16384",
          "-m",
          "0",
          "-O",
          "^has_journal,^resize_inode",
          "-E",
          "nodiscard,lazy_itable_init=1");

  private static final String MOUNT_OPTIONS = "noinit_itable";
  private static final String MAKER = "mkfs.ext4";

  private final Path directory;
  private boolean anchored;

  private EphemeralDisks(Path directory) {
    this.directory = directory;
  }

  /// How much a worker may promise to containers, in MiB; 0 when this machine lacks what it takes.
  public static long capacityMib(Path workerDirectory) throws IOException {
    return Program.find(MAKER).isPresent() && Files.exists(Path.of("/dev/loop-control"))
        ? Files.getFileStore(workerDirectory).getUsableSpace()
            / 100
            * (100 - KEPT_PERCENT)
            / BYTES_PER_MIB
        : 0;
  }

  /// Opens those of a worker, after removing what one that was killed left.
  static EphemeralDisks open(Path workerDirectory) throws IOException {
    EphemeralDisks disks = new EphemeralDisks(workerDirectory.resolve(Installation.DISKS));
    disks.close();
    return disks;
  }

  /// Takes all of them away. Their containers must have ended.
  synchronized void close() throws IOException {
    MountTable.detachBelow(directory);
    Trees.delete(directory);
    anchored = false;
  }

  /// Where each container with a disk of its own has a directory for everything that is its own.
  Path directory() {
    return directory;
  }

  /// Makes the directory for the containers with disks. It is a mount of its own, so that processes
  /// in other mount namespaces do not keep a disk alive that is gone here: those of our own
  /// containers leave all of it behind in one step, and everybody else's follow its changes.
  synchronized void anchor() throws IOException {
    if (!anchored) {
      Files.createDirectories(directory);
      Posix.mount(directory.toString(), directory.toString(), "", Posix.MS_BIND, "");
      Posix.mount("none", directory.toString(), "", MS_SHARED, "");
      anchored = true;
    }
  }

  /// Makes a disk and mounts it at `disk` in the home.
  ///
  /// @param mib at least so much can be written
  /// @return where it is mounted. An overlay on it keeps it alive when this mount is taken away.
  Path make(Path home, int mib) throws IOException, InterruptedException {
    Path file = home.resolve("disk.ext4");
    long bytes = (mib + mib / OVERHEAD_DIVISOR + OVERHEAD_MIB) * BYTES_PER_MIB;
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(bytes);
    }
    try {
      FileDisks.reserve(file, bytes);
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the machine has no room for the %d MiB of ephemeral disk: %s"
              .formatted(mib, e.getMessage()),
          e);
    }
    List<String> command = new ArrayList<>(List.of(MAKER));
    command.addAll(MAKE_OPTIONS);
    command.add(file.toString());
    Program.require(command, "");
    Path disk = Files.createDirectory(home.resolve("disk"));
    FileDisks.mount(file, disk, MOUNT_OPTIONS);
    return disk;
  }

  /// Takes the mount away that [#make] made.
  static void hide(Path disk) throws IOException {
    FileSystems.detach(disk);
  }
}
