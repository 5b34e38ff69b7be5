package dev.slipway.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// The directory that holds everything an installation keeps, held by one server at a time. The
/// lock goes with the process, however that ends; the process id in the lock file is for people.
public final class DataDirectory implements AutoCloseable {
  private final Path root;
  private final FileChannel lockChannel;

  private DataDirectory(Path root, FileChannel lockChannel) {
    this.root = root;
    this.lockChannel = lockChannel;
  }

  /// Makes the directory when there is none, and takes it.
  ///
  /// @throws StartRefusedException when it cannot be used or another server has it
  static DataDirectory take(Path path) {
    Path root = path.toAbsolutePath().normalize();
    FileChannel channel = null;
    try {
      Files.createDirectories(root);
      // Others may pass through, to what is theirs below, and see nothing: containers and the
      // database run as other users.
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
      Path lockFile = root.resolve("lock");
      channel =
          FileChannel.open(
              lockFile,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = Files.readString(lockFile).strip();
        channel.close();
        throw new StartRefusedException(
            ExitStatus.DATA_IN_USE,
            "the data directory "
                + root
                + " is in use by process "
                + (holder.isEmpty() ? "(unknown)" : holder)
                + ": stop it, or choose another directory with --data DIR");
      }
      channel.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
      return new DataDirectory(root, channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new StartRefusedException(
          ExitStatus.DATA_UNUSABLE,
          "the data directory "
              + root
              + " cannot be used ("
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage()
              + "): make it writable, or choose another one with --data DIR",
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException ignored) {
        // The failure that brought us here is the one to report.
      }
    }
  }

  public Path root() {
    return root;
  }

  /// The embedded database's files.
  public Path postgres() {
    return root.resolve("postgres");
  }

  /// Where programs that came packed with Slipway are unpacked: here, or in a directory that
  /// several installations share, named by the environment variable `SLIPWAY_PROGRAMS`.
  public Path programs() {
    String shared = System.getenv("SLIPWAY_PROGRAMS");
    return shared == null || shared.isBlank() ? root.resolve("programs") : Path.of(shared);
  }

  /// Where the process that keeps the port is written down.
  public Path keeperNote() {
    return keeperNote(root);
  }

  /// The same for a directory that nobody has taken, or that does not exist.
  static Path keeperNote(Path directory) {
    return directory.toAbsolutePath().normalize().resolve("keeper");
  }

  /// A directory of some part's own.
  public Path resolve(String name) {
    return root.resolve(name);
  }

  /// Lets another server have it.
  @Override
  public void close() throws IOException {
    lockChannel.close();
  }
}
