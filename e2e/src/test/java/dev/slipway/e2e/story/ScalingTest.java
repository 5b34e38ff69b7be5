package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// A user says how many containers a function may have, shares containers among inputs, and changes
/// his mind while it runs.
@Story
@EveryClient
class ScalingTest {
  private final ModalClient client;

  ScalingTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void leastAndMostContainersBuffersWindowsAndSingleUse() {
    Run run = client.modal("run", "scaling.py::limits").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "warm: True, before any call",
            "at most 2: True",
            "few for many short inputs: True",
            "brief: 1, and gone after its window: True",
            "still warm: 2",
            "buffered: True, while one works",
            "no buffer without work: True",
            "once: 3 containers for 3 inputs");
  }

  @Test
  void inputsShareAContainerAtTheSameTimeOrAsABatch() {
    Run run = client.modal("run", "scaling.py::sharing").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "together: 1 container, all at once: True",
            "batches: ['0 of 3', '1 of 3', '2 of 3', '3 of 3', '4 of 3', '5 of 3']");
  }

  @Test
  void limitsAreChangedWhileInputsRunAndNoneIsHurt() {
    Run run = client.modal("run", "scaling.py::adjusting").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "in line: backlog 2, containers 1",
            "more after a change: True",
            "all: 3 containers",
            "kept warm without a call: True",
            "and let go: True",
            "fewer, when they are through: True",
            "none was hurt: 3 containers")
        .anyMatch(line ->
            line.startsWith("refused: ")
                && line.contains(
                    "min_containers of function 'adjusted' would be 5, above its max_containers"
                        + " of 1"));
    if (client.release() == ClientRelease.NEWEST) {
      assertThat(run.out().lines()).as("%s", run).contains("in line: running 1, room for 0");
    }
  }
}
