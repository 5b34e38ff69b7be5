package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// Somebody wants to know what a function was asked. Only newer clients can.
@Story
class LookingBackTest {
  private final ModalClient client;

  LookingBackTest(Installation installation) {
    this.client = installation.client(ClientRelease.NEWEST);
  }

  @Test
  void theInputsOfADeployedFunctionAreListedWithWhatBecameOfThem() {
    try (WorkForLater work = WorkForLater.start(client)) {
      work.assertEveryResultArrives();
      Run latest =
          client.modal("function", "calls", "later/triple", "--tail", "10", "--json").succeeded();
      assertThat(latest.out().split("\"success\"", -1)).as("%s", latest).hasSize(11);
      Run lastHour =
          client.modal("function", "calls", "later/triple", "--since", "1h", "--json").succeeded();
      assertThat(lastHour.out()).as("%s", lastHour).contains("fc-", "\"success\"");
    }
  }
}
