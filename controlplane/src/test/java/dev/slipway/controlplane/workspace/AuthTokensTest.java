package dev.slipway.controlplane.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuthTokensTest {
  private final AuthTokens tokens =
      new AuthTokens(InstantSource.fixed(Instant.ofEpochSecond(1_000)), new SecureRandom());

  @Test
  void saysInItsMiddlePartWhenItExpires() {
    List<String> parts = List.of(tokens.mint(new WorkspaceId("ac-1")).split("\\.", -1));
    assertThat(parts).hasSize(3);
    byte[] payload = Base64.getUrlDecoder().decode(parts.get(1));
    JsonNode claims = JsonMapper.shared().readTree(new String(payload, StandardCharsets.UTF_8));
    assertThat(claims.get("exp").asLong()).isEqualTo(1_000 + AuthTokens.LIFETIME.toSeconds());
    assertThat(claims.get("sub").asString()).isEqualTo("ac-1");
  }

  @Test
  void isSignedWithAKeyOfItsOwn() {
    AuthTokens others =
        new AuthTokens(InstantSource.fixed(Instant.ofEpochSecond(1_000)), new SecureRandom());
    assertThat(tokens.mint(new WorkspaceId("ac-1")))
        .isNotEqualTo(others.mint(new WorkspaceId("ac-1")));
  }
}
