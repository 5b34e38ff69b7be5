package dev.slipway.controlplane.workspace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;

/// A token's secret as it is kept: not to be read back, only to be recognised.
///
/// One round of SHA-256 is enough because the secrets are random (131 bits): nobody can try them
/// all, however fast one try is. The salt keeps equal secrets from looking equal.
final class SecretDigest {
  private static final int SALT_BYTES = 16;

  private final byte[] salt;
  private final byte[] digest;

  SecretDigest(byte[] salt, byte[] digest) {
    this.salt = salt.clone();
    this.digest = digest.clone();
  }

  static SecretDigest of(String secret, RandomGenerator random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return new SecretDigest(salt, digest(salt, secret));
  }

  /// Whether this is the digest of the given secret. Takes the same time whatever the answer.
  boolean recognises(String secret) {
    return MessageDigest.isEqual(digest, digest(salt, secret));
  }

  byte[] salt() {
    return salt.clone();
  }

  byte[] bytes() {
    return digest.clone();
  }

  private static byte[] digest(byte[] salt, String secret) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(salt);
      return sha256.digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
