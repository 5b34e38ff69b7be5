package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A user with a terminal calls functions and sees what they print, return and raise.
@Story
@EveryClient
class CallingFromATerminalTest {
  private static final String SEEN =
      "import modal; modal.Queue.from_name('live-seen', create_if_missing=True).put('it')";

  private final ModalClient client;

  CallingFromATerminalTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void anEntrypointTakesTypedArgumentsAndCallsRemotelyAndLocally() {
    Run run = client.modal("run", "calls.py", "--width", "4", "--twice").succeeded();
    // What a container says may come while the program's own line has not ended yet.
    assertThat(run.out())
        .as("%s", run)
        .contains(
            "area of 4 x 3 measured in the container",
            "remote: 12 m²",
            "area of 4 x 2 measured in the laptop",
            "local: 8 m²",
            "argument types: int str bool True");
  }

  @Test
  void aFunctionIsCalledByItsNameWithTypedArguments() {
    Run run =
        client
            .modal(
                "run",
                "calls.py::label",
                "--name",
                "rye",
                "--price",
                "2.25",
                "--no-fresh",
                "--copies",
                "2")
            .succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("label 1: rye at 2.25, frozen", "label 2: rye at 2.25, frozen");
  }

  @Test
  void anArgumentOfTheWrongTypeIsRefusedInTheTerminal() {
    Run run = client.modal("run", "calls.py", "--width", "wide").failed();
    assertThat(run.all()).contains("'wide' is not a valid integer");
  }

  @Test
  void linesOfBothStreamsArriveWhileTheFunctionStillRuns() {
    try (ChildProcess program = client.startModal("run", "live.py")) {
      for (String lines : List.of("1", "2")) {
        for (String stream : List.of("out ", "err ")) {
          program.transcript().await(stream + lines, ModalClient.PATIENCE);
        }
        // The function goes on only now.
        client.python("-c", SEEN).succeeded();
      }
      Run run = ModalClient.finish(program, ModalClient.PATIENCE).succeeded();
      assertThat(run.all()).contains("no newline at the end", "the caller goes on");
    }
  }

  @Test
  void exceptionsComeBackAsThemselvesWithTheRemoteTraceback() {
    Run run = client.modal("run", "failures.py::main").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "caught OutOfFlour: 5 kg wanted, 2 kg left (5, 2)",
            "caught ZeroDivisionError: division by zero",
            "after failures: 4.5");
    assertThat(run.transcript().find("frames:").orElseThrow().text())
        .endsWith("bake take_from_shelf");
  }

  @Test
  void anExceptionThatNobodyCatchesFailsTheRunAndShowsTheLineInTheContainer() {
    Run run = client.modal("run", "failures.py::uncaught").failed();
    assertThat(run.all())
        .contains("OutOfFlour: 7 kg wanted, 2 kg left", "raise OutOfFlour(wanted, left=2)")
        .containsPattern("/root/failures\\.py:28 in take_from_shelf");
  }
}
