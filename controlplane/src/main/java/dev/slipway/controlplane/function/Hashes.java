package dev.slipway.controlplane.function;

import dev.slipway.model.FunctionId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// Ids that say what they are ids of: equal contents have equal ones.
final class Hashes {
  private static final int ID_DIGITS = 22;

  private Hashes() {}

  static String definitionId(byte[] definition) {
    return "de-" + shortHash(definition);
  }

  static FunctionId variantId(
      FunctionId root, byte[] parameters, byte[] options, Optional<FunctionRow.Pin> pin) {
    byte[] pinned =
        pin.map(p -> ByteBuffer.allocate(Integer.BYTES).putInt(p.version()).array())
            .orElse(new byte[0]);
    return new FunctionId(
        "fu-"
            + shortHash(
                root.value().getBytes(StandardCharsets.UTF_8), parameters, options, pinned));
  }

  /// Hexadecimal digits of a hash over the parts and their lengths.
  private static String shortHash(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(part.length).flip());
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, ID_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
