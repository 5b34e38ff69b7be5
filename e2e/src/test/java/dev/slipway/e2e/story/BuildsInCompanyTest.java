package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.HostProcesses.HostProcess;
import dev.slipway.testkit.Line;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Several users, or one who is impatient, ask for the same image.
@Story
@EveryClient
class BuildsInCompanyTest {
  private static final Duration SOON = Duration.ofMinutes(3);
  private static final String WORD = "the word is ";

  private final ModalClient client;

  BuildsInCompanyTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void aBuildOutlivesItsClientAndWhoAsksMeanwhileJoinsIt() {
    String value = "hush-" + UUID.randomUUID();
    ModalClient same =
        client.with("PROGRAM_MARK", UUID.randomUUID().toString()).with("PROGRAM_VALUE", value);
    try (ChildProcess first = same.startModal("run", "company.py")) {
      String line = awaitWord(first).text();
      String word = line.substring(WORD.length());
      List<HostProcess> whileItBuilds = HostProcesses.list();
      try (ChildProcess second = same.startModal("run", "company.py")) {
        assertThat(awaitWord(second).text()).isEqualTo(line);
        first.signal(Signal.KILL);

        Run joined = ModalClient.finish(second, SOON).succeeded();
        assertThat(joined.out()).as("%s", joined).contains("inspected: " + word);
      }
      assertThat(whileItBuilds)
          .as("a step's secrets are in no command line")
          .extracting(HostProcess::commandLine)
          .anyMatch(command -> command.contains("/opt/word"))
          .noneMatch(command -> command.contains(value));
    }
    Run later = same.modal("run", "company.py").succeeded();
    assertThat(later.all()).as("%s", later).doesNotContain(WORD);
  }

  private static Line awaitWord(ChildProcess run) {
    return run.transcript().await(text -> text.startsWith(WORD), "the word of the build", SOON);
  }
}
