package dev.slipway.controlplane.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientDifferencesTest {

  @ParameterizedTest
  @CsvSource({
    "PYTHON, 1.0.0, 2025.06, 2024.10",
    "PYTHON, 1.0.5, 2024.04, 2024.04",
    "PYTHON, 1.1.4, 2025.06, 2025.06",
    "PYTHON, 1.5.4, 2026.10, 2025.06",
    "PYTHON, 1.6.4, 2026.10, 2026.10",
    "PYTHON, 1.6.4, 2025.06, 2025.06",
    "CONTAINER, 1.0.5, 2025.06, 2024.10",
    "JAVASCRIPT, 1.0.0, 2026.10, 2025.06",
    "GO, 1.0.0, 2024.10, 2024.10",
  })
  void tellsTheNewestBuilderVersionThatTheClientKnows(
      ClientKind kind, String version, String setting, String expected) {
    assertThat(ClientDifferences.builderVersion(context(kind, version), setting))
        .isEqualTo(expected);
  }

  @Test
  void refusesPythonClientsBeforeTheFirstSupportedOne() {
    assertThatThrownBy(() ->
            ClientDifferences.requireSupported(ClientKind.PYTHON, ClientVersion.parse("0.77.0")))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("0.77.0")
        .hasMessageContaining("1.0.0");
    ClientDifferences.requireSupported(ClientKind.GO, ClientVersion.parse("0.5.0"));
    ClientDifferences.requireSupported(ClientKind.CONTAINER, ClientVersion.parse("1.0.0"));
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, 1.0.0, true", "PYTHON, 1.0.5, false", "JAVASCRIPT, 1.0.0, false"})
  void endsEmptyMapPollsEarlyOnlyForTheClientThatWouldSitThemOut(
      ClientKind kind, String version, boolean early) {
    assertThat(ClientDifferences.emptyMapPollLasts(context(kind, version)))
        .isEqualTo(early ? Optional.of(Duration.ofSeconds(1)) : Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, 1.5.4, false", "PYTHON, 1.6.0, true", "GO, 1.0.0, false"})
  void knowsWhoReadsFunctionData(ClientKind kind, String version, boolean reads) {
    assertThat(ClientDifferences.readsFunctionData(context(kind, version))).isEqualTo(reads);
  }

  @ParameterizedTest
  @CsvSource({"1.6.4, 1.6.4", "1.0.5.dev12, 1.0.5", "1.7.0rc1, 1.7.0", "1.2, 1.2.0"})
  void readsVersions(String text, String expected) {
    assertThat(ClientVersion.parse(text)).hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource({"newest", "1", "1.x", "'1.2.3 beta'", "99999999999.1"})
  void refusesWhatIsNoVersion(String text) {
    assertThatThrownBy(() -> ClientVersion.parse(text))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining(text);
  }

  private static RpcContext context(ClientKind kind, String version) {
    return new RpcContext(
        new Caller.Client(new WorkspaceId("ac-1"), "ak-1"),
        ClientVersion.parse(version),
        kind,
        Optional.empty());
  }
}
