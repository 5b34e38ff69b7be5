package dev.slipway.worker.rootfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/// What is copied, links not followed. The kernel is asked once for each: trees have many files.
///
/// @param mode type and permission bits
/// @param links how many names it has
/// @param identity what it is, whatever its name
record SourceFile(Path path, int mode, int links, String identity, int uid, int gid, long size) {
  private static final String ATTRIBUTES = "unix:mode,nlink,dev,ino,uid,gid,size";

  private static final int TYPE = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int SYMBOLIC_LINK = 0120000;
  private static final int PIPE = 0010000;
  private static final int PERMISSIONS = 07777;

  static SourceFile of(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, ATTRIBUTES, NOFOLLOW_LINKS);
    return new SourceFile(
        path,
        number(found, "mode"),
        number(found, "nlink"),
        found.get("dev") + " " + found.get("ino"),
        number(found, "uid"),
        number(found, "gid"),
        (Long) Objects.requireNonNull(found.get("size")));
  }

  private static int number(Map<String, Object> attributes, String name) {
    return (Integer) Objects.requireNonNull(attributes.get(name));
  }

  boolean isDirectory() {
    return (mode & TYPE) == DIRECTORY;
  }

  boolean isSymbolicLink() {
    return (mode & TYPE) == SYMBOLIC_LINK;
  }

  boolean isPipe() {
    return (mode & TYPE) == PIPE;
  }

  /// Whether it is one of the files that are copied.
  boolean isCopied() {
    return (mode & TYPE) == REGULAR || isSymbolicLink() || isPipe();
  }

  int permissions() {
    return mode & PERMISSIONS;
  }
}
