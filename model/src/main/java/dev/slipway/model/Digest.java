package dev.slipway.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// A SHA-256 digest.
///
/// @param hex 64 lower-case hexadecimal digits
public record Digest(String hex) {
  private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

  public Digest {
    if (!SHAPE.matcher(hex).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "a SHA-256 digest is 64 lower-case hexadecimal digits, not '"
              + (hex.length() <= 80 ? hex : hex.substring(0, 80) + "…")
              + "'");
    }
  }

  public static Digest of(byte[] digestBytes) {
    return new Digest(HexFormat.of().formatHex(digestBytes));
  }

  /// The digest of these bytes.
  public static Digest sha256(byte[] content) {
    try {
      return of(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
