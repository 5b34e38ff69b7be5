package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void theImageBuilderVersionIsOneThatClientsKnow() {
    assertThat(Settings.of(Map.of()).builderVersion()).isEqualTo("2025.06");
    assertThat(Settings.of(Map.of(Settings.BUILDER_VERSION, "2026.10")).builderVersion())
        .isEqualTo("2026.10");
    assertThatThrownBy(() -> Settings.of(Map.of(Settings.BUILDER_VERSION, "2025.07")))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("SLIPWAY_IMAGE_BUILDER_VERSION", "2025.07", "2026.10");
  }

  @Test
  void containersGetTheVariablesThatTheOperatorNames() {
    String name = Settings.HANDED_THROUGH;
    assertThat(Settings.handedThrough(Map.of())).contains("PIP_INDEX_URL", "HTTPS_PROXY");
    assertThat(Settings.handedThrough(Map.of(name, "A, B_2"))).containsExactly("A", "B_2");
    assertThat(Settings.handedThrough(Map.of(name, "+A")))
        .contains("PIP_INDEX_URL", "HTTPS_PROXY", "A");
    assertThat(Settings.handedThrough(Map.of(name, ""))).isEmpty();
    assertThatThrownBy(() -> Settings.handedThrough(Map.of(name, "A,B=c")))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("SLIPWAY_CONTAINER_VARIABLES", "'B=c'");
  }
}
