package dev.slipway.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256 digest.
///
/// @param hex 64 lower-case hexadecimal digits
public record Digest(String hex) {
  private static final int HEX_DIGITS = 64;
  private static final int ABBREVIATED_DIGITS = 12;

  public Digest {
    if (!isDigest(hex)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "a SHA-256 digest is 64 lower-case hexadecimal digits, not '"
              + Shown.atMost(hex, 80)
              + "'");
    }
  }

  /// Thousands are read within one request: a pattern would be slower.
  private static boolean isDigest(String hex) {
    if (hex.length() != HEX_DIGITS) {
      return false;
    }
    for (int i = 0; i < HEX_DIGITS; i++) {
      char digit = hex.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return true;
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

  /// Enough of it for people to tell it from others.
  public String abbreviated() {
    return Shown.atMost(hex, ABBREVIATED_DIGITS);
  }

  @Override
  public String toString() {
    return hex;
  }
}
