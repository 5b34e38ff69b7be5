package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.SecretVariables;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryLoginsTest {
  @Test
  void aLoginIsANameAndAPasswordOrAKeyOfGoogles() {
    assertThat(of(Map.of("REGISTRY_USERNAME", "ann", "REGISTRY_PASSWORD", "hush")))
        .isEqualTo(new Credentials("ann", "hush"));
    assertThat(of(Map.of("SERVICE_ACCOUNT_JSON", "{}")))
        .isEqualTo(new Credentials("_json_key", "{}"));
    assertThatThrownBy(() -> of(Map.of("REGISTRY_USERNAME", "ann", "OTHER", "hush")))
        .hasMessageContainingAll("lacks [REGISTRY_PASSWORD]", "SERVICE_ACCOUNT_JSON")
        .hasMessageNotContaining("hush");
  }

  private static Credentials of(Map<String, String> variables) {
    return RegistryLogins.of(SecretVariables.of(variables));
  }
}
