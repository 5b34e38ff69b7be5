package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// A user's program is larger than one file, its data larger than one message.
@Story
@EveryClient
class ProgramsOfEverySizeTest {
  private final ModalClient client;

  ProgramsOfEverySizeTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void fiftyMegabytesGoThereAndBack() {
    Run run = client.modal("run", "heavy.py").succeeded();
    assertThat(run.out())
        .as("%s", run)
        .contains(
            "sent 83986a60220398e9", "got 50 MB, 83986a60220398e9", "came back 50 MB, reversed");
  }

  @Test
  void aFunctionTravelsByValue() {
    Run run = client.modal("run", "serialized.py::main").succeeded();
    assertThat(run.out()).as("%s", run).contains("scaled: (42, False)");
  }

  @Test
  void packagesAndModulesBesideTheProgramAreThereInTheContainer() {
    Run run = client.modal("run", "-m", "bakery.shop").succeeded();
    assertThat(run.out())
        .as("%s", run)
        .contains("offer: rye 449 cents, 1000 g, cake: poppy seed", "here: 64");
  }
}
