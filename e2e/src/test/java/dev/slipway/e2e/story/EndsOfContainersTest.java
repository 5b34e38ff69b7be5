package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Programs and containers end in unfriendly ways, and the user learns why.
@Story
@EveryClient
class EndsOfContainersTest {
  private static final Pattern WORKING = Pattern.compile("working in (ta-[0-9A-Z]{26})");

  private static final Duration SOON = Duration.ofSeconds(60);

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
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> tasks.stream().allMatch(task -> HostProcesses.ofTask(task).isEmpty()));
      program.awaitExit(SOON);
    }
  }

  @Test
  void theAppOfAClientThatVanishesIsStoppedWhenItsHeartbeatsAreMissed() {
    try (ChildProcess program = client.startModal("run", "patient.py")) {
      List<String> tasks = twoWorkingTasks(program);
      program.signal(Signal.KILL);
      Awaitility.await()
          .atMost(Installation.HEARTBEAT_TIMEOUT.plus(SOON))
          .pollInterval(Duration.ofMillis(200))
          .until(() -> tasks.stream().allMatch(task -> HostProcesses.ofTask(task).isEmpty()));
    }
  }

  /// Python ends a line by a write of its own, so what two containers say at the same moment may
  /// stand in one line.
  private static List<String> twoWorkingTasks(ChildProcess program) {
    program.transcript().await("working in ta-", ModalClient.PATIENCE);
    List<String> tasks =
        Awaitility.await()
            .atMost(SOON)
            .pollInterval(Duration.ofMillis(20))
            .until(() -> workingTasks(program), seen -> seen.size() == 2);
    assertThat(tasks)
        .as("tasks seen from the host")
        .allSatisfy(task -> assertThat(HostProcesses.ofTask(task)).isNotEmpty());
    return tasks;
  }

  private static List<String> workingTasks(ChildProcess program) {
    return WORKING
        .matcher(program.transcript().text())
        .results()
        .map(found -> found.group(1))
        .toList();
  }
}
