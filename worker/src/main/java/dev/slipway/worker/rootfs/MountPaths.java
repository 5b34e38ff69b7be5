package dev.slipway.worker.rootfs;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.rootfs.ContentSource.MountFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// What the paths of a mount must look like before anything is written for them.
final class MountPaths {
  /// Most files of one mount.
  static final int MAX_FILES = 200_000;

  /// Most bytes of a path.
  static final int MAX_PATH_BYTES = 4_000;

  /// Most bytes of one name in a path.
  static final int MAX_NAME_BYTES = 255;

  private MountPaths() {}

  /// The files of a mount by their cleaned paths, and their directories, parents first.
  record Layout(Map<String, MountFile> files, List<String> directories) {}

  /// @throws SlipwayException of kind `INVALID` when a path is none, or is both file and directory
  static Layout layOut(MountId mount, List<MountFile> files) {
    if (files.size() > MAX_FILES) {
      throw refuse(
          mount, "has %d files, at most %d are allowed".formatted(files.size(), MAX_FILES));
    }
    Map<String, MountFile> byPath = HashMap.newHashMap(files.size());
    TreeSet<String> directories = new TreeSet<>();
    for (MountFile file : files) {
      List<String> names = split(mount, file.path());
      StringBuilder path = new StringBuilder();
      for (String name : names.subList(0, names.size() - 1)) {
        directories.add(path.append('/').append(name).toString());
      }
      byPath.put(path.append('/').append(names.getLast()).toString(), file);
    }
    for (String directory : directories) {
      if (byPath.containsKey(directory)) {
        throw refuse(mount, "has '" + directory + "' as a file and as a directory");
      }
    }
    return new Layout(byPath, List.copyOf(directories));
  }

  private static List<String> split(MountId mount, String path) {
    if (!path.startsWith("/")
        || path.indexOf('\0') >= 0
        || path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw refuse(
          mount,
          "has the path '%s'; an absolute path of at most %d bytes was expected"
              .formatted(Shown.atMost(path, 200), MAX_PATH_BYTES));
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (name.equals("..") || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
        throw refuse(
            mount,
            "has the path '%s'; '..' and names of more than %d bytes are not allowed"
                .formatted(Shown.atMost(path, 200), MAX_NAME_BYTES));
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    if (names.isEmpty() || path.endsWith("/")) {
      throw refuse(mount, "has the path '" + Shown.atMost(path, 200) + "', which names no file");
    }
    return names;
  }

  private static SlipwayException refuse(MountId mount, String why) {
    return new SlipwayException(ErrorKind.INVALID, "the mount " + mount + " " + why);
  }
}
