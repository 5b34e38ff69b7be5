package dev.slipway.worker.machine;

import dev.slipway.content.files.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Making and deleting the worker's own directories.
public final class Directories {
  private static final int DELETE_ATTEMPTS = 5;

  private Directories() {}

  /// Makes a directory that only the worker can enter, and its parents.
  public static Path makePrivate(Path directory) {
    try {
      Files.createDirectories(directory.getParent() == null ? directory : directory.getParent());
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("the directory " + directory + " cannot be made", e);
    }
  }

  /// Deletes a directory and what is in it, without following links. Does nothing when it is not
  /// there.
  public static void delete(Path directory) {
    for (int attempt = 1; ; attempt++) {
      try {
        Trees.delete(directory);
        return;
      } catch (DirectoryNotEmptyException e) {
        // A program that is just ending may still have put a file there.
        if (attempt == DELETE_ATTEMPTS) {
          throw new UncheckedIOException("the directory " + directory + " cannot be deleted", e);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the directory " + directory + " cannot be deleted", e);
      }
    }
  }
}
