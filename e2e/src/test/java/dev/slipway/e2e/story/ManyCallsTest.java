package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// A user fans out, starts work and asks for it later, streams results, and calls from inside.
@Story
@EveryClient
class ManyCallsTest {
  private final ModalClient client;

  ManyCallsTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void mapsOfEveryKind() {
    Run run = client.modal("run", "maps.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "map: 328350 [0, 1, 4, 9, 16]",
            "starmap: [8, 9, 10000]",
            "zipped: [32, 81]",
            "keywords: [4, 9]",
            "for_each: None",
            "noted rye",
            "noted oats",
            "unordered: True",
            "quick one first: ['quick', 'slow']",
            "same, in order: [1.0, 0.0]",
            "mixed: ['int 1', 'int 2', 'ValueError 3 is a multiple of three', 'int 4', 'int 5',"
                + " 'ValueError 6 is a multiple of three']",
            "raised: 3 is a multiple of three",
            "empty: []");
  }

  @Test
  void oneThatWaitsAndOneThatCrashesAmongShortInputsHarmNoOther() {
    Run run = client.modal("run", "uneven.py").succeeded();
    assertThat(run.out().lines().filter(line -> line.matches("(ordinary|\\d+): .*")))
        .as("%s", run)
        .hasSize(3)
        .startsWith("ordinary: 398")
        .anyMatch(line -> line.startsWith("250: "))
        .anyMatch(line -> line.startsWith("350: "));
  }

  @Test
  void callsThatAreStartedNowAndAskedAboutLater() {
    Run run = client.modal("run", "handles.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "early: not yet",
            "short wait: not yet, when its time was over: True",
            "waited: 42",
            "again: 42",
            "from id: 42",
            "gathered: [0, 2, 4, 6]",
            "failed: no such shelf")
        .noneMatch(line -> line.equals("cancelled: came back with a value"))
        .noneMatch(line -> line.equals("cancelled: never came back"))
        .anyMatch(line -> line.startsWith("cancelled: "));
  }

  @Test
  void generatorsCoroutinesAndCallsFromInsideAContainer() {
    Run run = client.modal("run", "streams.py::main").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "countdown: 4",
            "countdown: 1",
            "spread out: True",
            "letters: rye",
            "belt: first",
            "belt: the belt stopped",
            "awaited: 42",
            "together: [0, 2, 4, 6, 8]",
            "nested: 55",
            "nested async: 14");
  }

  @Test
  void aGeneratorIsReadWithoutAsync() {
    Run run = client.modal("run", "streams.py::plain").succeeded();
    assertThat(run.out().lines()).as("%s", run).contains("plain generator: [3, 2, 1]");
  }

  @Test
  void callsOfADeployedAppAreFetchedByAnotherProgram() {
    try (WorkForLater work = WorkForLater.start(client)) {
      work.assertEveryResultArrives();
    }
  }
}
