package dev.slipway.controlplane.blob;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The checksum that the client's uploads are confirmed with. It guards against damage on the way,
/// not against forgery: that is what the SHA-256 digests are for.
final class Md5 {
  private Md5() {}

  static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  static byte[] of(byte[] bytes) {
    return begin().digest(bytes);
  }
}
