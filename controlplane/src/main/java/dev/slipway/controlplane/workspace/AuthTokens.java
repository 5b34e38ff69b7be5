package dev.slipway.controlplane.workspace;

import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Short-lived tokens that some clients ask for before other calls. They are signed and expire, in
/// the form of a JSON Web Token, whose expiry the clients read.
///
/// Nothing here accepts them as credentials yet: they say who asked and are good for nothing else.
/// The key lives as long as the process.
public final class AuthTokens {
  static final Duration LIFETIME = Duration.ofMinutes(20);
  private static final int KEY_BYTES = 32;
  private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

  private final InstantSource clock;
  private final SecretKeySpec key;

  public AuthTokens(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    byte[] bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    this.key = new SecretKeySpec(bytes, "HmacSHA256");
  }

  String mint(WorkspaceId workspace) {
    long now = clock.instant().getEpochSecond();
    // An id needs no escaping: it is letters, digits and a dash.
    String claims =
        "{\"sub\":\"%s\",\"iat\":%d,\"exp\":%d}"
            .formatted(workspace.value(), now, now + LIFETIME.toSeconds());
    String signed = encode(HEADER) + "." + encode(claims);
    return signed + "." + encode(sign(signed));
  }

  private byte[] sign(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has HmacSHA256", e);
    }
  }

  private static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
