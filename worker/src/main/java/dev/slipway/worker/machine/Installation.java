package dev.slipway.worker.machine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// One installation on this machine: its worker's directory, and the names under which it keeps
/// things in the kernel. The names follow from the directory alone, so that what a killed process
/// left behind is found again, and two installations never touch each other's things.
///
/// @param directory absolute; everything the worker keeps in files lies below it
/// @param key eight hexadecimal digits
public record Installation(Path directory, String key) {
  private static final int KEY_BYTES = 4;

  /// Directory for the root file systems of containers with disk of their own. When there was any,
  /// it is a mount.
  public static final String DISKS = "disks";

  public static Installation of(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(absolute.toString().getBytes(StandardCharsets.UTF_8));
      return new Installation(absolute, HexFormat.of().formatHex(digest, 0, KEY_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Name of the cgroup below which all containers live.
  public String cgroup() {
    return "slipway-" + key;
  }

  /// Name of the bridge; the kernel allows 15 characters.
  public String bridge() {
    return "swb" + key;
  }

  /// How the names of network namespaces begin; a number follows.
  public String namespacePrefix() {
    return "slipway-" + key + "-";
  }

  /// How the host's ends of virtual cables begin; a number of up to five digits follows.
  public String cablePrefix() {
    return "s" + key + "v";
  }

  /// Name of the packet filter's table.
  public String filterTable() {
    return "slipway_" + key;
  }

  /// Directory for what lives as long as the containers do.
  public Path runDirectory() {
    return directory.resolve("run");
  }

  /// See [#DISKS].
  public Path disksDirectory() {
    return directory.resolve(DISKS);
  }

  /// A directory that every user of the machine can pass through to, on which each container's root
  /// is bound inside the private mount namespace it starts from. The data directory itself is often
  /// below a home that only its owner may enter.
  public Path rootAnchor() {
    return Path.of("/run", "slipway-" + key);
  }
}
