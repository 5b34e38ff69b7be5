package dev.slipway.controlplane.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SecretVariables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariableRulesTest {
  @ParameterizedTest
  @ValueSource(strings = {"A", "_a", "AWS_REGION", "user.name", "user-name", "lower1"})
  void namesThatVariablesMayHave(String name) {
    assertThatCode(() -> VariableRules.require(Map.of(name, "x"))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1A", "A=B", "A B", "Ä", "A\0", "-a", "A\nB"})
  void namesThatTheyMayNotHave(String name) {
    assertThatThrownBy(() -> VariableRules.require(Map.of(name, "hush")))
        .hasMessageContaining("'" + name + "'")
        .message()
        .doesNotContain("hush");
  }

  @Test
  void limitsAreToldWithWhatWentBeyondThem() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i <= VariableRules.MAX_VARIABLES; i++) {
      many.put("V" + i, "");
    }
    Map<String, String> large = new HashMap<>();
    for (int i = 0; i < 17; i++) {
      large.put("V" + i, "x".repeat(VariableRules.MAX_VALUE_BYTES));
    }

    assertThatThrownBy(() -> VariableRules.require(many)).hasMessageContaining("1,001 variables");
    assertThatThrownBy(() -> VariableRules.require(large)).hasMessageContaining("1,114,");
    assertThatThrownBy(() -> VariableRules.require(Map.of("N".repeat(257), "x")))
        .hasMessageContaining("256");
    assertThatThrownBy(() ->
            VariableRules.require(Map.of("BIG", "é".repeat(VariableRules.MAX_VALUE_BYTES / 2 + 1))))
        .hasMessageContaining("BIG has 65,538 bytes");
    assertThatThrownBy(() -> VariableRules.require(Map.of("ZERO", "hush\0")))
        .hasMessageContaining("ZERO")
        .message()
        .doesNotContain("hush");
    assertThatCode(
            () -> VariableRules.require(Map.of("BIG", "x".repeat(VariableRules.MAX_VALUE_BYTES))))
        .doesNotThrowAnyException();
  }

  @Test
  void theLaterSecretWinsAndTogetherTheyHaveALimit() {
    SecretVariables half =
        SecretVariables.of(Map.of("BIG", "x".repeat(VariableRules.MAX_TOTAL_BYTES / 2), "A", "1"));
    SecretVariables other =
        SecretVariables.of(Map.of("BIG2", "x".repeat(VariableRules.MAX_TOTAL_BYTES / 2), "A", "2"));

    assertThat(
            VariableRules.merge(
                List.of(
                    SecretVariables.of(Map.of("A", "1", "B", "1")),
                    SecretVariables.of(Map.of("A", "2")))))
        .isEqualTo(SecretVariables.of(Map.of("A", "2", "B", "1")));
    assertThatThrownBy(() -> VariableRules.merge(List.of(half, other)))
        .hasMessageContaining("1,048,576");
    assertThat(VariableRules.merge(List.of(half, half)).values()).hasSize(2);
  }

  @Test
  void whatThePlatformSetsNoSecretSets() {
    VariableRules.ForContainer given =
        VariableRules.forContainer(
            SecretVariables.of(
                Map.of(
                    "MODAL_TASK_ID", "ta-forged",
                    "MODAL_SERVER_URL", "http://elsewhere",
                    "SLIPWAY_ANYTHING", "x",
                    "MODAL_LOGLEVEL", "DEBUG",
                    "PATH", "/opt/bin",
                    "TOKEN", "hush")));

    assertThat(given.variables().values()).containsOnlyKeys("MODAL_LOGLEVEL", "PATH", "TOKEN");
    assertThat(given.refused())
        .containsExactly("MODAL_SERVER_URL", "MODAL_TASK_ID", "SLIPWAY_ANYTHING");
    assertThat(given.toString()).doesNotContain("hush");
  }
}
