package dev.slipway.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of a given size, in memory, that a test fills up and empties again.
public final class SmallDisk implements AutoCloseable {
  private static final int PIECE_BYTES = 1 << 20;

  private final Path path;
  private final Path filler;

  private SmallDisk(Path path) {
    this.path = path;
    this.filler = path.resolve("filler");
  }

  /// Mounts one on an empty directory.
  public static SmallDisk mount(Path path, int megabytes) {
    HostCommand.run(
        "mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "slipway-test", path.toString());
    return new SmallDisk(path);
  }

  public Path path() {
    return path;
  }

  /// Leaves less than a megabyte free.
  public void fill() throws IOException {
    FileStore store = Files.getFileStore(path);
    byte[] piece = new byte[PIECE_BYTES];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (store.getUsableSpace() > PIECE_BYTES) {
        out.write(piece);
      }
    }
  }

  /// Makes room again.
  public void empty() throws IOException {
    Files.delete(filler);
  }

  @Override
  public void close() {
    HostCommand.run("umount", path.toString());
  }
}
