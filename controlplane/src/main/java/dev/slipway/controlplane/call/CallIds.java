package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Ids of calls that a repeated request finds again.
final class CallIds {
  private static final int HEX_DIGITS = 26;

  private CallIds() {}

  /// The same for the same function and key. A key is chosen by a client, and two clients may
  /// choose the same one; functions belong to one workspace.
  static CallId repeatable(FunctionId function, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(function.value().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(key.getBytes(StandardCharsets.UTF_8));
      return new CallId("fc-" + HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
