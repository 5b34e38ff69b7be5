package dev.slipway.content;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/// The digest of bytes that arrive in pieces: what every store's [Upload] counts and checks with.
final class RunningDigest {
  private final MessageDigest sha256;
  private long length;

  RunningDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  void update(ByteBuffer bytes) {
    length += bytes.remaining();
    sha256.update(bytes);
  }

  long length() {
    return length;
  }

  /// The digest of everything; refuses when another one was expected. May be asked for once.
  Digest finish(Optional<Digest> expected) {
    Digest actual = Digest.of(sha256.digest());
    if (expected.isPresent() && !expected.get().equals(actual)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the "
              + length
              + " bytes received have the SHA-256 digest "
              + actual
              + ", expected was "
              + expected.get());
    }
    return actual;
  }
}
