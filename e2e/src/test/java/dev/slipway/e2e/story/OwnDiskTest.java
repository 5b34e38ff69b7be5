package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// Functions ask for disk of their own.
@Story
@EveryClient
class OwnDiskTest {
  private final ModalClient client;

  OwnDiskTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void whoAsksForDiskOfItsOwnHasItAndNoMore() {
    Run run = client.modal("run", "own_disk.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("beside it: 100 MiB", "another finds nothing of it: False, 40 MiB")
        .anyMatch(line ->
            line.matches(
                "filled: 40 MiB, then ENOSPC \\(No space left on device\\) after \\d{1,2} MiB"));
  }

  @Test
  void lessDiskThanAContainerCanStartOnIsRefused() {
    Run run = client.modal("run", "tiny_disk.py").failed();
    assertThat(run.all())
        .as("%s", run)
        .contains("ephemeral_disk (MiB) of function 'tiny' is 3; at least 16 is accepted");
  }
}
