package dev.slipway.worker.rootfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/// Paths inside a mounted root file system, found as a process in the container would find them:
/// symbolic links lead to places inside the root, whatever they say, and `..` stops at it.
///
/// Only for a root in which no process runs meanwhile.
public final class InsideRoot {
  private static final int DIRECTORY_MODE = 0755;

  private final Path root;

  public InsideRoot(Path root) {
    this.root = root;
  }

  /// Where a path leads on the host. What does not exist yet is taken as a plain name.
  ///
  /// @throws SlipwayException of kind `INVALID` when symbolic links lead in a circle
  public Path resolve(String path) throws IOException {
    return walk(path, _ -> {});
  }

  /// The directory that a path leads to; what is missing of it is made, for the containers' root.
  ///
  /// @throws SlipwayException of kind `INVALID` when something that is no directory is in the way
  public Path makeDirectories(String path) throws IOException {
    return makeDirectories(path, 0, 0);
  }

  /// The same, for a user of the container.
  public Path makeDirectories(String path, int uid, int gid) throws IOException {
    return walk(
        path,
        missing -> {
          if (!Files.isDirectory(missing, NOFOLLOW_LINKS)) {
            makeDirectory(missing, path, uid, gid);
          }
        });
  }

  /// Sees every place on the way that is no symbolic link.
  @FunctionalInterface
  private interface Visit {
    void at(Path place) throws IOException;
  }

  private Path walk(String path, Visit visit) throws IOException {
    Deque<String> ahead = new ArrayDeque<>(names(path));
    Path here = root;
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.pop();
      if (name.equals("..")) {
        here = here.equals(root) ? root : Objects.requireNonNull(here.getParent());
        continue;
      }
      Path next = here.resolve(name);
      if (Files.isSymbolicLink(next)) {
        if (++links > LayeredView.MAX_LINKS) {
          throw new SlipwayException(
              ErrorKind.INVALID, "symbolic links lead in a circle at '" + path + "' in the image");
        }
        String target = Files.readSymbolicLink(next).toString();
        here = target.startsWith("/") ? root : here;
        names(target).reversed().forEach(ahead::push);
        continue;
      }
      visit.at(next);
      here = next;
    }
    return here;
  }

  private static void makeDirectory(Path directory, String wanted, int uid, int gid)
      throws IOException {
    if (Files.exists(directory, NOFOLLOW_LINKS)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' cannot be made in the image: '%s' is there and is no directory"
              .formatted(wanted, directory.getFileName()));
    }
    Files.createDirectory(directory);
    Ownership.give(directory, uid, gid);
    Files.setAttribute(directory, "unix:mode", DIRECTORY_MODE);
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("/"))
        .filter(name -> !name.isEmpty() && !name.equals("."))
        .toList();
  }
}
