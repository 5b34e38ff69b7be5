package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.HostProcesses.HostProcess;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Settings;
import dev.slipway.testkit.Slipway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Programs go on while everything below them is killed, `kill -9`, one after the other: the server
/// with its worker, the database, the containers.
///
/// The order of the kills and the moments follow from a seed, which is printed. `SLIPWAY_TEST_SEED`
/// repeats a run, `SLIPWAY_TEST_INPUTS` makes it longer.
@Story
class CallsNeverGetLostTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /// What is killed.
  private enum Victim {
    SERVER,
    DATABASE,
    CONTAINER
  }

  private final Slipway server;
  private final ModalClient client;

  CallsNeverGetLostTest(Installation installation) {
    this.server = installation.server();
    this.client =
        installation.client(
            Settings.find("SLIPWAY_TEST_CLIENT")
                .map(ClientRelease::valueOf)
                .orElse(ClientRelease.NEWEST));
  }

  @AfterEach
  void theNextStoryFindsAServer() {
    if (!server.alive()) {
      server.start();
    }
  }

  @Test
  void everyInputOfAMapHasOneResultWhateverIsKilledMeanwhile() {
    long seed = Settings.find("SLIPWAY_TEST_SEED").map(Long::parseLong).orElseGet(System::nanoTime);
    int inputs = Settings.find("SLIPWAY_TEST_INPUTS").map(Integer::parseInt).orElse(400);
    System.out.println("SLIPWAY_TEST_SEED=" + seed);
    Random random = new Random(seed);
    List<Victim> victims = new ArrayList<>();
    for (Victim victim : Victim.values()) {
      victims.addAll(Collections.nCopies(2, victim));
    }
    Collections.shuffle(victims, random);
    try (ChildProcess program = client.startPython("never_lost.py", String.valueOf(inputs))) {
      int stretch = inputs / (victims.size() + 1);
      for (int i = 0; i < victims.size(); i++) {
        int moment = i * stretch + 1 + random.nextInt(stretch);
        program.transcript().await("result " + moment + ".", PATIENCE);
        kill(victims.get(i));
        // Work goes on before the next blow.
        int next = Math.min(inputs, resultsSoFar(program) + 1);
        long struck = System.nanoTime();
        program.transcript().await("result " + next + ".", PATIENCE);
        System.out.printf(
            "%s killed after result %d: work resumed after %d ms%n",
            victims.get(i), moment, Duration.ofNanos(System.nanoTime() - struck).toMillis());
      }
      program.transcript().await("complete:", PATIENCE);
      int status = program.awaitExit(PATIENCE);
      String text = program.transcript().text();
      assertThat(text).as("seed %d", seed).contains("complete: True");
      assertThat(status).as("seed %d: %s", seed, text).isZero();
    }
  }

  @Test
  void aProgramThatWaitsForACallGetsItsOneResultThoughTheServerIsKilled() {
    try (ChildProcess program = client.startPython("never_lost.py", "one")) {
      assertEveryCallHasOneResult(program);
    }
  }

  @Test
  void aRunThatWaitsForACallGetsItsOneResultThoughTheServerIsKilled() {
    try (ChildProcess program = client.startModal("run", "never_lost.py")) {
      assertEveryCallHasOneResult(program);
    }
  }

  private void assertEveryCallHasOneResult(ChildProcess program) {
    for (int call = 0; call < 2; call++) {
      program.transcript().await("brewing " + call + ".", PATIENCE);
      kill(Victim.SERVER);
      program.transcript().await("brewed " + call + ": " + call * 7, PATIENCE);
    }
    int status = program.awaitExit(PATIENCE);
    String text = program.transcript().text();
    assertThat(status).as(text).isZero();
    assertThat(text).containsOnlyOnce("brewed 0: 0").containsOnlyOnce("brewed 1: 7");
  }

  private static int resultsSoFar(ChildProcess program) {
    return (int)
        program.transcript().lines().stream()
            .filter(line -> line.text().startsWith("result "))
            .count();
  }

  private void kill(Victim victim) {
    switch (victim) {
      case SERVER -> {
        server.kill();
        server.start();
      }
      case DATABASE ->
          HostProcesses.childrenOf(server.pid(), "postgres").stream()
              .filter(process -> process.commandLine().contains(" -D "))
              .forEach(CallsNeverGetLostTest::kill);
      case CONTAINER ->
          HostProcesses.list().stream()
              .filter(process -> process.commandLine().contains("modal._container_entrypoint"))
              .filter(process -> process.environment().contains("MODAL_TASK_ID="))
              .findFirst()
              .ifPresent(CallsNeverGetLostTest::kill);
    }
  }

  private static void kill(HostProcess process) {
    ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
  }
}
