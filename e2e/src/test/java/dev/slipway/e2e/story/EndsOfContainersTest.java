package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.Line;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Programs and containers end in unfriendly ways, and the user learns why.
@Story
@EveryClient
class EndsOfContainersTest {
  private final ModalClient client;

  EndsOfContainersTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void aCrashIsReportedOnItsInputAndTheNextInputGetsANewContainer() {
    Run run = client.modal("run", "crashes.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "after exit: fine, another container",
            "after segfault: fine, another container",
            "after memory: fine, another container")
        .anyMatch(line -> line.matches("exit: \\w+: .*\\b(status|code) 1\\b.*"))
        .anyMatch(line -> line.matches("segfault: \\w+: .*(?i:SIGSEGV|segmentation|signal 11).*"))
        .anyMatch(line -> line.matches("memory: \\w+: .*(?i:out of memory|memory limit).*"));
  }

  @Test
  void aFunctionThatTakesTooLongIsStoppedAndTheNextInputRuns() {
    Run run = client.modal("run", "timeouts.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("next: slept 0.0")
        .anyMatch(line -> line.matches("too long: FunctionTimeoutError: .*\\b3 s\\b.*"));
  }

  @Test
  void aFailedImportComesBackAsItselfWithItsLine() {
    Run run = client.modal("run", "import_error.py").failed();
    assertThat(run.all())
        .as("%s", run)
        .contains("No module named 'ingredient_that_nobody_has'", "import_error.py\", line 8")
        .doesNotContainPattern("(?m)^tasted:");
  }

  @Test
  void aSyntaxErrorComesBackAsItselfWithItsLine() {
    Run run = client.modal("run", "syntax_error.py").failed();
    assertThat(run.all())
        .as("%s", run)
        .contains("misspelled.py\", line 3", "SyntaxError")
        .doesNotContainPattern("(?m)^read:");
  }

  @Test
  void ctrlCStopsTheAppAndItsContainers() {
    try (ChildProcess program = client.startModal("run", "patient.py")) {
      List<String> tasks = twoWorkingTasks(program);
      program.signal(Signal.INT);
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> tasks.stream().allMatch(task -> HostProcesses.ofTask(task).isEmpty()));
      program.awaitExit(Duration.ofSeconds(20));
    }
  }

  @Test
  void theAppOfAClientThatVanishesIsStoppedWhenItsHeartbeatsAreMissed() {
    try (ChildProcess program = client.startModal("run", "patient.py")) {
      List<String> tasks = twoWorkingTasks(program);
      program.signal(Signal.KILL);
      Awaitility.await()
          .atMost(Installation.HEARTBEAT_TIMEOUT.plusSeconds(15))
          .pollInterval(Duration.ofMillis(200))
          .until(() -> tasks.stream().allMatch(task -> HostProcesses.ofTask(task).isEmpty()));
    }
  }

  private static List<String> twoWorkingTasks(ChildProcess program) {
    String sentence = "working in ta-";
    Line first = program.transcript().await(sentence, ModalClient.PATIENCE);
    Line second =
        program
            .transcript()
            .await(
                text -> text.contains(sentence) && !text.equals(first.text()),
                "a second container",
                Duration.ofSeconds(30));
    List<String> tasks =
        List.of(first, second).stream()
            .map(line -> line.text().substring(line.text().indexOf("ta-")).strip())
            .toList();
    assertThat(tasks)
        .as("tasks seen from the host")
        .allSatisfy(task -> assertThat(HostProcesses.ofTask(task)).isNotEmpty());
    return tasks;
  }
}
