package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.registry.AmazonKeys;
import dev.slipway.images.registry.RegistryLogin;
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

  @Test
  void aLoginMayBeKeysOfAmazonButNoRole() {
    assertThat(
            of(
                Map.of(
                    "AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "hush", "AWS_REGION", "x")))
        .isEqualTo(new AmazonKeys("id", "hush", ""))
        .asString()
        .doesNotContain("hush");
    assertThatThrownBy(() -> of(Map.of("AWS_ACCESS_KEY_ID", "id")))
        .hasMessageContaining("lacks [AWS_SECRET_ACCESS_KEY]");
    assertThatThrownBy(() -> of(Map.of("AWS_ROLE_ARN", "arn:x", "AWS_REGION", "x")))
        .hasMessageContaining("names a role by AWS_ROLE_ARN");
  }

  private static RegistryLogin of(Map<String, String> variables) {
    return RegistryLogins.of(SecretVariables.of(variables));
  }
}
