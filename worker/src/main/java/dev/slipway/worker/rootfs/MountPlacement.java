package dev.slipway.worker.rootfs;

import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.LayeredView.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// How the mounts of a container fit onto its image.
///
/// A mount is laid over the image as one more layer. There the topmost directory decides owner and
/// mode, so directories that the image has with others than a mount gives are made again on top, as
/// in the image. And a directory would hide a symbolic link of the image (`/lib`, `/bin`): a mount
/// that has such a path, and those after it, are copied instead.
///
/// @param layered how many of the mounts, counted from the first, are laid over the image
/// @param kept directories that look as in the image, parents first
record MountPlacement(int layered, List<KeptDirectory> kept) {
  private static final Set<PosixFilePermission> MOUNT_MODE =
      PosixFilePermissions.fromString("rwxr-xr-x");

  MountPlacement {
    kept = List.copyOf(kept);
  }

  /// A directory with the host's numbers of its owner and its mode bits.
  record KeptDirectory(String path, int uid, int gid, int mode) {}

  static MountPlacement of(LayeredView image, List<MountTree> mounts) throws IOException {
    Map<String, KeptDirectory> kept = new LinkedHashMap<>();
    for (int i = 0; i < mounts.size(); i++) {
      Map<String, KeptDirectory> more = new LinkedHashMap<>();
      if (!fits(image, mounts.get(i), more)) {
        return new MountPlacement(i, withParents(image, kept));
      }
      kept.putAll(more);
    }
    return new MountPlacement(mounts.size(), withParents(image, kept));
  }

  private static boolean fits(LayeredView image, MountTree mount, Map<String, KeptDirectory> kept)
      throws IOException {
    for (String directory : mount.directories()) {
      Optional<Entry> entry = image.find(directory);
      if (entry.isEmpty()) {
        continue;
      }
      PosixFileAttributes attributes = entry.get().attributes();
      if (!attributes.isDirectory()) {
        return false;
      }
      KeptDirectory found = read(entry.get());
      if (found.uid() != Ownership.CONTAINER_ROOT
          || found.gid() != Ownership.CONTAINER_ROOT
          || (found.mode() & ~0777) != 0
          || !attributes.permissions().equals(MOUNT_MODE)) {
        kept.put(directory, found);
      }
    }
    return true;
  }

  /// What is made on top needs its parents there, too, and those also as in the image.
  private static List<KeptDirectory> withParents(LayeredView image, Map<String, KeptDirectory> kept)
      throws IOException {
    Map<String, KeptDirectory> all = new LinkedHashMap<>();
    for (String path : kept.keySet()) {
      for (int end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
        String parent = path.substring(0, end);
        if (!all.containsKey(parent)) {
          all.put(parent, read(image.find(parent).orElseThrow()));
        }
      }
      all.put(path, Objects.requireNonNull(kept.get(path)));
    }
    return new ArrayList<>(all.values());
  }

  private static KeptDirectory read(Entry entry) throws IOException {
    Map<String, Object> found = Files.readAttributes(entry.host(), "unix:uid,gid,mode");
    return new KeptDirectory(
        entry.path(),
        (Integer) Objects.requireNonNull(found.get("uid")),
        (Integer) Objects.requireNonNull(found.get("gid")),
        (Integer) Objects.requireNonNull(found.get("mode")) & 07777);
  }

  /// Makes the kept directories in the directory that takes the container's changes.
  void makeKept(Path upper) throws IOException {
    for (KeptDirectory directory : kept) {
      Path path = Files.createDirectory(upper.resolve(directory.path().substring(1)));
      Files.setAttribute(path, "unix:uid", directory.uid());
      Files.setAttribute(path, "unix:gid", directory.gid());
      Files.setAttribute(path, "unix:mode", directory.mode());
    }
  }
}
