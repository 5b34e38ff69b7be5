package dev.slipway.model;

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

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
