package dev.slipway.controlplane.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BuilderVersionsTest {
  private final BuilderVersions versions = new BuilderVersions("2024.04");

  @Test
  void anEnvironmentThatSaysNoneHasTheServers() {
    assertThat(versions.of(environment(""))).isEqualTo("2024.04");
    assertThat(versions.of(environment("2025.06"))).isEqualTo("2025.06");
  }

  private static Environment environment(String builderVersion) {
    return new Environment(
        new EnvironmentId("en-1"),
        new WorkspaceId("ac-1"),
        "main",
        builderVersion,
        "",
        true,
        Instant.EPOCH);
  }
}
