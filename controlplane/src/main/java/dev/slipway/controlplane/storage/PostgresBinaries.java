package dev.slipway.controlplane.storage;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// PostgreSQL's programs, unpacked from the jar that carries them.
///
/// @param root the directory that holds `bin`, `lib` and `share`
public record PostgresBinaries(Path root) {
  /// The major version of the files: a cluster made by one major version needs that one again.
  public static final int MAJOR_VERSION = 18;

  private static final int BUFFER_BYTES = 1 << 16;

  /// Unpacks into a directory of this archive's own below `parent`, unless that was done before.
  /// Any number of processes may call it at the same time.
  ///
  /// @throws SlipwayException UNSUPPORTED when there are no programs for this kind of machine
  public static PostgresBinaries unpack(Path parent) {
    String resource = "postgres-linux-" + architecture() + ".txz";
    ClassLoader loader = PostgresBinaries.class.getClassLoader();
    try {
      Files.createDirectories(parent);
      try (InputStream archive = loader.getResourceAsStream(resource)) {
        if (archive == null) {
          throw new SlipwayException(
              ErrorKind.UNSUPPORTED,
              "no embedded PostgreSQL for this machine ("
                  + resource
                  + " is not in the program): start with --database postgresql://…");
        }
        // The size tells archives of two releases apart without reading either.
        Path root = parent.resolve("postgres-" + MAJOR_VERSION + "-" + sizeOf(loader, resource));
        if (!Files.isDirectory(root)) {
          unpackOnce(archive, root);
        }
        return new PostgresBinaries(root);
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "PostgreSQL's programs cannot be unpacked into " + parent + ": " + e.getMessage(),
          e);
    }
  }

  /// The path of one program, such as `initdb`.
  Path program(String name) {
    return root.resolve("bin").resolve(name);
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("amd64") ? "x86_64" : name.equals("aarch64") ? "arm_64" : name;
  }

  private static long sizeOf(ClassLoader loader, String resource) throws IOException {
    var url = loader.getResource(resource);
    return url == null ? 0 : url.openConnection().getContentLengthLong();
  }

  private static void unpackOnce(InputStream archive, Path root) throws IOException {
    Path lockFile = root.resolveSibling(root.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (Files.isDirectory(root)) {
        return;
      }
      Path partial = root.resolveSibling(root.getFileName() + ".partial");
      Trees.delete(partial);
      unpackInto(archive, partial);
      Files.move(partial, root, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void unpackInto(InputStream archive, Path root) throws IOException {
    makeDirectory(root);
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new XZCompressorInputStream(new BufferedInputStream(archive, BUFFER_BYTES)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
          throw new UncheckedIOException(new IOException("path outside: " + entry.getName()));
        }
        if (entry.isDirectory()) {
          makeParents(root, target);
          makeDirectory(target);
        } else if (entry.isSymbolicLink()) {
          makeParents(root, target);
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (!entry.getName().endsWith(".a")) {
          // Static libraries are for those who compile against PostgreSQL.
          makeParents(root, target);
          Files.copy(tar, target);
          boolean program = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  private static void makeParents(Path root, Path target) throws IOException {
    Path relative = root.relativize(target);
    for (int names = 1; names < relative.getNameCount(); names++) {
      makeDirectory(root.resolve(relative.subpath(0, names)));
    }
  }

  /// Open to all whatever the umask says: the programs run as another user.
  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
