package dev.slipway.worker.rootfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.sun.nio.file.ExtendedCopyOption;
import dev.slipway.content.files.FileNodes;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Copies files of this machine into a mounted root file system. Directories that are there already
/// keep their owner and mode; symbolic links in the way lead to places inside the root, and one
/// where a file goes is replaced. Names of one file stay that when they are copied together. Device
/// nodes and sockets in a directory are left out. An interrupt ends a copy with
/// [ClosedByInterruptException].
public final class TreeCopy {
  /// From here on a file is copied in a way that an interrupt ends, which costs a thread.
  private static final long LARGE_BYTES = 32L << 20;

  /// Most names of what was left out that are kept.
  private static final int MOST_LEFT_OUT = 10;

  private final InsideRoot inside;
  private final CopyAttributes attributes;

  /// Where the copies are of files that have more than one name.
  private final Map<String, Path> copies = new HashMap<>();

  private final List<String> leftOut = new ArrayList<>();

  /// Copies belong to the containers' root.
  public TreeCopy(InsideRoot inside) {
    this(inside, CopyAttributes.ofRoot());
  }

  public TreeCopy(InsideRoot inside, CopyAttributes attributes) {
    this.inside = inside;
    this.attributes = attributes;
  }

  /// Copies what is in a directory into a directory of the root, which is made when missing.
  public void copyContents(Path directory, String destination) throws IOException {
    SourceFile source = SourceFile.of(directory);
    if (!source.isDirectory()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + directory.getFileName() + "' is no directory");
    }
    copyContents(source, destination);
  }

  private void copyContents(SourceFile directory, String destination) throws IOException {
    boolean made = !Files.exists(inside.resolve(destination), NOFOLLOW_LINKS);
    Path target = inside.makeDirectories(destination);
    for (Path name : children(directory.path())) {
      SourceFile child = SourceFile.of(name);
      String path = destination + "/" + name.getFileName();
      if (child.isDirectory()) {
        copyContents(child, path);
      } else if (child.isCopied()) {
        copyFile(child, path);
      } else if (leftOut.size() < MOST_LEFT_OUT) {
        leftOut.add(path);
      }
    }
    if (made) {
      attributes.apply(directory, target);
    }
  }

  /// Where the device nodes and sockets would be that were left out, the first few of them.
  public List<String> leftOut() {
    return List.copyOf(leftOut);
  }

  /// Copies one file, pipe or symbolic link to a path of the root. Missing directories are made.
  public void copyFile(Path file, String destination) throws IOException {
    copyFile(SourceFile.of(file), destination);
  }

  private void copyFile(SourceFile file, String destination) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
    int slash = destination.lastIndexOf('/');
    Path directory = inside.makeDirectories(destination.substring(0, slash));
    Path target = directory.resolve(destination.substring(slash + 1));
    if (Files.isDirectory(target, NOFOLLOW_LINKS)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' cannot be copied to '%s': a directory is there"
              .formatted(file.path().getFileName(), destination));
    }
    if (!file.isCopied()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + file.path().getFileName() + "' is no file that can be copied");
    }
    remove(target);
    Path same = copies.get(file.identity());
    if (same != null) {
      Files.createLink(target, same);
      return;
    }
    make(file, target);
    attributes.apply(file, target);
    if (file.links() > 1) {
      copies.put(file.identity(), target);
    }
  }

  /// Makes room for a file; what is linked to the one before is copied anew.
  private void remove(Path target) throws IOException {
    if (Files.deleteIfExists(target)) {
      copies.values().remove(target);
    }
  }

  private static void make(SourceFile file, Path target) throws IOException {
    if (file.isSymbolicLink()) {
      Files.createSymbolicLink(target, Files.readSymbolicLink(file.path()));
    } else if (file.isPipe()) {
      FileNodes.makePipe(target);
    } else {
      copyBytes(file, target);
    }
  }

  private static void copyBytes(SourceFile file, Path target) throws IOException {
    if (file.size() < LARGE_BYTES) {
      Files.copy(file.path(), target, StandardCopyOption.COPY_ATTRIBUTES);
      return;
    }
    try {
      Files.copy(
          file.path(),
          target,
          StandardCopyOption.COPY_ATTRIBUTES,
          ExtendedCopyOption.INTERRUPTIBLE);
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        ClosedByInterruptException interrupted = new ClosedByInterruptException();
        interrupted.initCause(e);
        throw interrupted;
      }
      throw e;
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }
}
