package dev.slipway.content.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is done to whole directory trees. Symbolic links are never followed.
public final class Trees {
  private Trees() {}

  /// Deletes a tree; one that does not exist is fine, and so is what somebody else deletes
  /// meanwhile.
  public static void delete(Path tree) throws IOException {
    if (!Files.exists(tree, NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// Adds up the regular files of a tree; what somebody deletes meanwhile may count or not.
  public static Extent measure(Path tree) throws IOException {
    Measuring measuring = new Measuring();
    Files.walkFileTree(tree, measuring);
    // The root of the tree is no entry of it.
    return new Extent(measuring.bytes, measuring.entries - 1);
  }

  /// How large a tree is.
  ///
  /// @param bytes sum of the sizes of regular files, each once however many names it has
  /// @param entries files, directories, links and others below its root
  public record Extent(long bytes, long entries) {}

  private static final class Measuring extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private long bytes;
    private long entries;

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      entries++;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      entries++;
      if (attributes.isRegularFile()) {
        Object key = attributes.fileKey();
        if (!hasManyNames(file) || key == null || seen.add(key)) {
          bytes += attributes.size();
        }
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean hasManyNames(Path file) throws IOException {
      try {
        return (Integer) Files.getAttribute(file, "unix:nlink", NOFOLLOW_LINKS) > 1;
      } catch (NoSuchFileException e) {
        return false;
      }
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }
  }
}
