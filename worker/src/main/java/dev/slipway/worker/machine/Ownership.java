package dev.slipway.worker.machine;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Owners of files, as the host sees those of containers. A container's user `n` is the host's user
/// [#CONTAINER_ROOT]` + n` up to [#LAST_NEAR]; those beyond, which some images have, are the host's
/// `2^31 + n`, which no host gives to anybody. Layers are stored with shifted owners, so that
/// mounting them needs no translation.
///
/// Java has no unsigned integers: the host's numbers from `2^31` on are negative ones here, as in
/// its file attributes.
public final class Ownership {
  /// The host's user and group that are a container's root.
  public static final int CONTAINER_ROOT = 100_000;

  /// The last of a container's users that are shifted by [#CONTAINER_ROOT].
  public static final int LAST_NEAR = 65_535;

  /// The last of all its users. The kernel keeps the host's last two numbers for itself.
  public static final int LAST_FAR = Integer.MAX_VALUE - 2;

  private static final int SET_ID_BITS = 06000;

  /// A host that is itself a container may lack the numbers for the users beyond [#LAST_NEAR].
  private static final boolean FAR =
      Stream.of("uid_map", "gid_map")
          .allMatch(map ->
              IdMap.read(Path.of("/proc/self", map))
                  .has(
                      Integer.toUnsignedLong(host(LAST_NEAR + 1)),
                      Integer.toUnsignedLong(host(LAST_FAR))));

  private Ownership() {}

  /// The last user and the last group of containers on this machine.
  public static int last() {
    return FAR ? LAST_FAR : LAST_NEAR;
  }

  /// The host's number for a container's user or group; empty when containers have none of it.
  public static OptionalInt find(long id) {
    return id >= 0 && id <= last() ? OptionalInt.of(host((int) id)) : OptionalInt.empty();
  }

  private static int host(int id) {
    return id <= LAST_NEAR ? CONTAINER_ROOT + id : Integer.MIN_VALUE + id;
  }

  /// The container's number for one of the host; its root's for one that no container has.
  public static int inside(int host) {
    return host < 0 ? host - Integer.MIN_VALUE : Math.max(0, host - CONTAINER_ROOT);
  }

  /// @throws SlipwayException of kind `INVALID` when containers have no such user or group
  public static void require(long id) {
    if (find(id).isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the user or group %d is beyond the last one of a container, %d".formatted(id, last()));
    }
  }

  /// Gives one file, directory or symbolic link itself to a container's user.
  ///
  /// @throws SlipwayException of kind `INVALID` when containers have no such user or group
  public static void give(Path path, int uid, int gid) throws IOException {
    require(uid);
    require(gid);
    Files.setAttribute(path, "unix:uid", host(uid), NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", host(gid), NOFOLLOW_LINKS);
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
    if (uid >= CONTAINER_ROOT || uid < 0) {
      return;
    }
    give(path, uid, gid);
    // The kernel takes the set-user-id and set-group-id bits away when an owner changes.
    if ((mode & SET_ID_BITS) != 0 && !Files.isSymbolicLink(path)) {
      Files.setAttribute(path, "unix:mode", mode & 07777, NOFOLLOW_LINKS);
    }
  }
}
