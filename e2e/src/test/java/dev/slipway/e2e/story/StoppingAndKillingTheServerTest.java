package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.HostProcesses.HostProcess;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import dev.slipway.testkit.Slipway;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An operator stops the server, or the machine kills it.
@Story
class StoppingAndKillingTheServerTest {
  private static final Duration CLEAN_WITHIN = Duration.ofSeconds(15);

  private final Installation installation;
  private final Slipway server;
  private final ModalClient client;

  StoppingAndKillingTheServerTest(Installation installation) {
    this.installation = installation;
    this.server = installation.server();
    this.client = installation.client(ClientRelease.NEWEST);
  }

  @AfterEach
  void theNextStoryFindsAServer() {
    if (!server.alive()) {
      server.start();
    }
  }

  @Test
  void aStopLeavesNothingOnTheMachineAndAStartGoesOn() {
    for (Signal signal : List.of(Signal.TERM, Signal.INT)) {
      try (ChildProcess program = client.startModal("run", "patient.py")) {
        program.transcript().await("working in ta-", ModalClient.PATIENCE);
        server.stop(signal);
        installation.leaks().assertNothingLeft(CLEAN_WITHIN);
      }
      server.start();
      programsRun();
    }
  }

  @Test
  void afterAKillTheNextStartCleansUpFirstAndThenWorks() {
    try (ChildProcess program = client.startModal("run", "patient.py");
        ChildProcess holder = client.startModal("run", "own_disk.py", "--hold-on")) {
      holder.transcript().await("holding a disk in ta-", ModalClient.PATIENCE);
      Set<String> disks = installation.leaks().found().loopDevices();
      assertThat(disks).hasSize(1);
      String task =
          program.transcript().await("working in ta-", ModalClient.PATIENCE).text().strip();
      String taskId = task.substring(task.indexOf("ta-"));
      Set<String> before = installation.leaks().found().processes();
      server.kill();
      program.signal(Signal.KILL);
      holder.signal(Signal.KILL);

      server.start();
      assertThat(HostProcesses.ofTask(taskId)).as("containers of the killed server").isEmpty();
      assertThat(installation.leaks().found().processes())
          .as("processes of the killed server")
          .doesNotContainAnyElementsOf(before);
      assertThat(installation.leaks().found().loopDevices())
          .as("disks of containers of the killed server")
          .doesNotContainAnyElementsOf(disks);
    }
    programsRun();
    server.stop(Signal.TERM);
    installation.leaks().assertNothingLeft(CLEAN_WITHIN);
  }

  @Test
  void whatWasAcceptedBeforeAKillIsAnsweredAfterIt() {
    try (WorkForLater work = WorkForLater.start(client)) {
      server.kill();
      server.start();
      work.assertEveryResultArrives();
    }
  }

  @Test
  void aDatabaseThatDiesIsReplacedAndNothingAcceptedIsLost() {
    try (WorkForLater work = WorkForLater.start(client)) {
      List<HostProcess> databases =
          HostProcesses.childrenOf(server.pid(), "postgres").stream()
              .filter(process -> process.commandLine().contains(" -D "))
              .toList();
      assertThat(databases).as("the embedded database's own process").isNotEmpty();
      databases.forEach(
          database -> ProcessHandle.of(database.pid()).ifPresent(ProcessHandle::destroyForcibly));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(work::assertEveryResultArrives);
      programsRun();
    }
  }

  private void programsRun() {
    Run run = client.modal("run", "calls.py", "--width", "4").succeeded();
    assertThat(run.out()).as("%s", run).contains("remote: 12 m²");
  }
}
