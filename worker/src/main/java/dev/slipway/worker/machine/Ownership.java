package dev.slipway.worker.machine;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;

/// Owners of files, as the host sees those of containers: every container's user `n` is the host's
/// user [#CONTAINER_ROOT]` + n`. Layers are stored with shifted owners, so that mounting them needs
/// no translation.
public final class Ownership {
  /// The host's user and group that are a container's root.
  public static final int CONTAINER_ROOT = 100_000;

  /// How many users and groups a container has.
  public static final int CONTAINER_IDS = 65_536;

  private static final int SET_ID_BITS = 06000;

  private Ownership() {}

  /// Gives one file, directory or symbolic link itself to a container's user.
  public static void give(Path path, int uid, int gid) throws IOException {
    Files.setAttribute(path, "unix:uid", CONTAINER_ROOT + uid, NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", CONTAINER_ROOT + gid, NOFOLLOW_LINKS);
  }

  /// Gives one file, directory or symbolic link itself to the containers' root.
  public static void giveToRoot(Path path) throws IOException {
    give(path, 0, 0);
  }

  /// Shifts every owner in a tree that was made with the host's own users 0 to 65535. What is
  /// shifted already stays as it is, so that an interrupted shift can be repeated.
  public static void shift(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            shiftOne(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            shiftOne(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void shiftOne(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:uid,gid,mode", NOFOLLOW_LINKS);
    int uid = (Integer) Objects.requireNonNull(found.get("uid"));
    int gid = (Integer) Objects.requireNonNull(found.get("gid"));
    int mode = (Integer) Objects.requireNonNull(found.get("mode"));
    if (uid >= CONTAINER_ROOT) {
      return;
    }
    give(path, uid, gid);
    // The kernel takes the set-user-id and set-group-id bits away when an owner changes.
    if ((mode & SET_ID_BITS) != 0 && !Files.isSymbolicLink(path)) {
      Files.setAttribute(path, "unix:mode", mode & 07777, NOFOLLOW_LINKS);
    }
  }
}
