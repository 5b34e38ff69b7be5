package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.workspace.LocalToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientEnvironmentTest {
  @Test
  void aShellReadsTheExportsWhateverIsInThem() throws Exception {
    String odd = "http://h:1/$HOME `id` 'quoted' \"twice\"";
    ClientEnvironment environment = new ClientEnvironment(odd, new LocalToken("ak-1", "as-2"));
    Process shell =
        new ProcessBuilder(
                "sh",
                "-c",
                "eval \"$1\"; printf '%s|%s|%s' \"$MODAL_SERVER_URL\" \"$MODAL_TOKEN_ID\""
                    + " \"$MODAL_TOKEN_SECRET\"",
                "sh",
                environment.exports())
            .start();
    assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(odd + "|ak-1|as-2");
  }

  @Test
  void theSecretIsNotInTheText() {
    assertThat(new ClientEnvironment("http://h:1", new LocalToken("ak-1", "as-secret")).toString())
        .doesNotContain("as-secret");
  }

  @Test
  void beforeTheFirstStartThereIsNoneAndTheSentenceSaysWhatToDo(@TempDir Path data) {
    assertThatThrownBy(() -> ClientEnvironment.require(data))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("./slipway up");
  }

  @Test
  void theAddressOfTheLastStartIsTheOneThatCounts(@TempDir Path data) {
    ClientEnvironment.announce(data, "http://127.0.0.1:1");
    ClientEnvironment.announce(data, "http://127.0.0.1:2");
    assertThat(data.resolve("server-url")).hasContent("http://127.0.0.1:2\n");
  }
}
