package dev.slipway.controlplane.mount;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.nio.charset.StandardCharsets;

/// One file of a mount.
///
/// @param path absolute and normal: no empty, `.` or `..` part
/// @param size in bytes
/// @param mode permission bits, at most 07777
public record MountFile(String path, Digest digest, long size, int mode) {
  /// Longest path, in characters: what Linux takes, without its terminator.
  public static final int MAX_PATH = 4095;

  /// Longest part between two slashes, in bytes of UTF-8, as on Linux.
  public static final int MAX_NAME_BYTES = 255;

  /// What a file has whose uploader does not say.
  public static final int DEFAULT_MODE = 0644;

  private static final int MAX_MODE = 07777;

  public MountFile {
    requirePath(path);
    if (mode < 0 || mode > MAX_MODE) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the file %s has the mode %o, expected are permission bits up to 7777"
              .formatted(path, mode));
    }
  }

  /// Refuses a path that is not absolute and normal.
  static void requirePath(String path) {
    if (!path.startsWith("/")) {
      throw invalid(path, "it does not begin with '/'");
    }
    if (path.length() > MAX_PATH) {
      throw invalid(Shown.atMost(path, 80), "it is longer than " + MAX_PATH + " characters");
    }
    if (path.indexOf('\0') >= 0) {
      throw invalid(path.replace('\0', '?'), "it holds a zero byte");
    }
    for (String name : path.substring(1).split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        throw invalid(path, "one of its parts is '" + name + "'");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
        throw invalid(path, "one of its parts is longer than " + MAX_NAME_BYTES + " bytes");
      }
    }
  }

  private static SlipwayException invalid(String path, String reason) {
    return new SlipwayException(
        ErrorKind.INVALID, "'" + path + "' cannot be the path of a file in a mount: " + reason);
  }
}
