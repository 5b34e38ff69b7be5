package dev.slipway.controlplane.mount;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// The files of a mount, sorted by path. Equal files make an equal manifest and the same id,
/// whoever made it and whenever.
///
/// @param files sorted by path, each path once, none below another file
/// @param checksum SHA-256 of the sorted files: paths, contents, sizes and modes
public record MountManifest(List<MountFile> files, Digest checksum) {
  /// Most files that one mount may have.
  public static final int MAX_FILES = 200_000;

  private static final String ALPHANUMERIC =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int ID_LENGTH = 22;

  public MountManifest {
    files = List.copyOf(files);
  }

  /// The manifest of these files, in any order. Of two files with one path the later one counts.
  public static MountManifest of(Collection<MountFile> files) {
    if (files.size() > MAX_FILES) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "a mount of %d files is too large: the limit is %d files"
              .formatted(files.size(), MAX_FILES));
    }
    TreeMap<String, MountFile> sorted = new TreeMap<>();
    files.forEach(file -> sorted.put(file.path(), file));
    for (String path : sorted.keySet()) {
      requireNoFileAbove(path, sorted.keySet());
    }
    List<MountFile> all = List.copyOf(sorted.values());
    return new MountManifest(all, checksumOf(all));
  }

  private static void requireNoFileAbove(String path, Set<String> paths) {
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      String above = path.substring(0, slash);
      if (paths.contains(above)) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "in one mount, '%s' cannot be a file and the directory of '%s'".formatted(above, path));
      }
    }
  }

  /// Sum of the files' sizes in bytes.
  public long totalBytes() {
    return files.stream().mapToLong(MountFile::size).sum();
  }

  private static Digest checksumOf(List<MountFile> files) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    StringBuilder line = new StringBuilder();
    for (MountFile file : files) {
      line.setLength(0);
      line.append(file.path()).append('\0').append(file.digest().hex()).append('\0');
      line.append(file.size()).append('\0').append(Integer.toOctalString(file.mode())).append('\n');
      sha256.update(line.toString().getBytes(StandardCharsets.UTF_8));
    }
    return Digest.of(sha256.digest());
  }

  /// The id that names these files: 131 bits of the checksum.
  public MountId id() {
    BigInteger rest = new BigInteger(1, checksum.bytes());
    BigInteger base = BigInteger.valueOf(ALPHANUMERIC.length());
    StringBuilder id = new StringBuilder("mo-");
    for (int i = 0; i < ID_LENGTH; i++) {
      BigInteger[] divided = rest.divideAndRemainder(base);
      id.append(ALPHANUMERIC.charAt(divided[1].intValue()));
      rest = divided[0];
    }
    return new MountId(id.toString());
  }
}
