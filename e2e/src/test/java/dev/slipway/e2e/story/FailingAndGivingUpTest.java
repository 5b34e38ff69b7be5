package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// Calls fail, are tried again, hang, and are given up.
@Story
@EveryClient
class FailingAndGivingUpTest {
  private final ModalClient client;

  FailingAndGivingUpTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void whatFailsIsTriedAgainAsOftenAndAsLateAsItsFunctionSays() {
    Run run = client.modal("run", "retries.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "remote: rye after 3 attempts",
            "map: ['oats after 3 attempts', 'corn after 3 attempts']",
            "spawn: barley after 3 attempts",
            "delays grow: True True",
            "gave up: attempt 3 fails",
            "crashed and went on in another container: True");
  }

  @Test
  void aContainerThatNothingReachesIsEndedByItsTimeoutAllTheSame() {
    Run run = client.modal("run", "hangs.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("after deaf: fine", "after stopped: fine")
        .anyMatch(line -> line.matches("deaf: FunctionTimeoutError: .*\\b4 s\\b.*"))
        .anyMatch(line -> line.matches("stopped: FunctionTimeoutError: .*\\b4 s\\b.*"));
  }

  @Test
  void aContainerThatIsNotReadyInTimeIsGivenUpWithTheReason() {
    Run run = client.modal("run", "slow_start.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "not ready: RemoteError: the container was not ready within the startup timeout of"
                + " 4 s");
  }

  @Test
  void callsAreGivenUpWhetherTheyWaitOrRun() {
    Run run = client.modal("run", "cancels.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "not there yet",
            "waiting: RemoteError: the call was cancelled",
            "running: RemoteError: the call was cancelled",
            "with its container: RemoteError: the call was cancelled",
            "next: 0.0");
  }

  @Test
  void callsShowWhichOnesTheyMadeAndAreFoundByTheirIds() {
    Run run = client.modal("run", "graphs.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "branch: 7",
            "graph: graphs.branch SUCCESS",
            "graph: -graphs.leaf SUCCESS",
            "found again: 7");
    assertThat(run.out().lines().filter("graph: -graphs.leaf SUCCESS"::equals)).hasSize(3);
  }
}
