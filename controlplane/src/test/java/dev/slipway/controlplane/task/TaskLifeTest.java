package dev.slipway.controlplane.task;

import static dev.slipway.controlplane.task.TaskFixture.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.call.Assignment;
import dev.slipway.controlplane.call.OutcomeStatus;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.scheduling.CrashLoop;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
@Timeout(60)
class TaskLifeTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private TaskFixture server;

  @BeforeEach
  void open() {
    server = new TaskFixture(FIXTURE.database());
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void anInputBringsUpAContainerWhichAnswersIt() throws Exception {
    FunctionId function = server.function(definition -> {});
    CallId call = server.call(function);
    Task task = server.awaitStarted();
    server.life.hello(task);

    server.answer(task, server.takeInput(task));

    assertThat(server.outcome(call).status()).isEqualTo(OutcomeStatus.SUCCESS);
  }

  @Test
  void aContainerThatNeverSaysHelloIsKilledAndItsCallerLearnsWhy() throws Exception {
    CallId call = server.call(server.function(definition -> definition.setTimeoutSecs(3)));
    Task task = server.awaitStarted();
    server.clock.advance(TaskLife.HELLO_PATIENCE.minus(SECOND));
    assertThat(server.machines.stops).isEmpty();

    server.clock.advance(SECOND);

    assertThat(server.machines.stops)
        .extracting(PlayedMachines.Stop::grace)
        .containsExactly(Duration.ZERO);
    server.exit(task, TaskExit.Cause.STOPPED, "killed");
    assertThat(server.outcome(call).status()).isEqualTo(OutcomeStatus.INIT_FAILURE);
    assertThat(server.outcome(call).message())
        .isEqualTo("the container's runner did not report within 120 s of its start");
  }

  @Test
  void theStartupTimeoutCountsFromTheRunnersReport() throws Exception {
    CallId call =
        server.call(
            server.function(definition -> definition.setTimeoutSecs(600).setStartupTimeoutSecs(5)));
    Task task = server.awaitStarted();
    server.clock.advance(Duration.ofSeconds(30));
    server.life.hello(task);
    server.clock.advance(Duration.ofSeconds(4));
    assertThat(server.machines.stops).isEmpty();

    server.clock.advance(SECOND);

    assertThat(server.machines.stops).hasSize(1);
    server.exit(task, TaskExit.Cause.STOPPED, "killed");
    assertThat(server.outcome(call).message())
        .isEqualTo("the container was not ready within the startup timeout of 5 s");
  }

  @Test
  void anAppThatStopsInterruptsWhatWorksAndKillsWhatIsNotReadyYet() throws Exception {
    FunctionId function = server.function(definition -> {});
    CallId running = server.call(function);
    Task working = server.awaitWorking();
    CallId waiting = server.call(function);
    Task importing = server.awaitStarted();
    server.life.hello(importing);

    server.apps.stop(server.app.workspace(), server.app.id(), true, "the client left");

    // The scheduler sees at the same moment that they may go; then they are told to hurry.
    assertThat(server.machines.leastGraces())
        .isEqualTo(Map.of(working.id(), TaskLife.URGENT_GRACE, importing.id(), Duration.ZERO));
    assertThat(server.outcome(waiting).status()).isEqualTo(OutcomeStatus.TERMINATED);
    server.exit(working, TaskExit.Cause.STOPPED, "interrupted");
    assertThat(server.outcome(running).status()).isEqualTo(OutcomeStatus.TERMINATED);
    assertThat(server.outcome(running).message()).isEqualTo("the app has stopped");
  }

  @Test
  void aClientThatLeavesShortensTheTimeThatAContainerWasGivenBefore() throws Exception {
    server.call(server.function(definition -> {}));
    Task working = server.awaitWorking();
    server.life.stop(working, StopCause.IDLE, "somebody stopped it");
    assertThat(server.machines.leastGraces()).containsEntry(working.id(), TaskLife.GRACE);

    server.apps.stop(server.app.workspace(), server.app.id(), true, "the client left");

    assertThat(server.machines.leastGraces()).containsEntry(working.id(), TaskLife.URGENT_GRACE);
  }

  @Test
  void aContainerWhoseHeartbeatsStopIsKilledAndItsInputHasFailed() throws Exception {
    CallId call = server.call(server.function(definition -> definition.setTimeoutSecs(3_600)));
    Task task = server.awaitWorking();
    server.clock.advance(TaskLife.MAX_SILENCE.minus(SECOND));
    server.life.endSilent();
    assertThat(server.machines.stops).isEmpty();

    server.clock.advance(Duration.ofSeconds(2));
    server.life.endSilent();

    assertThat(server.machines.stops)
        .extracting(PlayedMachines.Stop::grace)
        .containsExactly(Duration.ZERO);
    server.exit(task, TaskExit.Cause.STOPPED, "killed");
    assertThat(server.outcome(call).status()).isEqualTo(OutcomeStatus.FAILURE);
    assertThat(server.outcome(call).message())
        .isEqualTo("the container sent no heartbeat for 5 minutes");
  }

  @Test
  void heartbeatsKeepAContainer() throws Exception {
    server.call(server.function(definition -> definition.setTimeoutSecs(3_600)));
    Task task = server.awaitWorking();
    for (int i = 0; i < 30; i++) {
      server.clock.advance(Duration.ofSeconds(15));
      task.heard(server.clock.instant());
      server.life.endSilent();
    }
    assertThat(server.machines.stops).isEmpty();
  }

  @Test
  void theInputOfALostWorkerRunsElsewhereAndALateExitChangesNothing() throws Exception {
    CallId call = server.call(server.function(definition -> {}));
    Task lost = server.awaitWorking();

    server.life.workerLost("wo-1");

    Task other = server.awaitStarted();
    server.life.hello(other);
    Assignment again = server.takeInput(other);
    server.exit(lost, TaskExit.Cause.EXITED, "late news");
    assertThat(again.attempt()).isZero();
    server.answer(other, again);
    assertThat(server.outcome(call).status()).isEqualTo(OutcomeStatus.SUCCESS);
  }

  @Test
  void aFunctionWhoseContainersKeepCrashingGetsThemLessOftenAndTheLogSaysSo() throws Exception {
    FunctionId function = server.function(definition -> {});
    for (int i = 0; i <= CrashLoop.FREE_CRASHES; i++) {
      CallId call = server.call(function);
      Task task = server.awaitWorking();
      server.exit(task, TaskExit.Cause.EXITED, "the process ended with exit code 1");
      assertThat(server.outcome(call).message()).contains("exit code 1");
    }
    assertThat(server.notices)
        .containsExactly(
            "the last 4 containers crashed before they answered anything;"
                + " the next one starts in 0.5 s");

    CallId waiting = server.call(function);
    server.clock.awaitAlarm(SECOND);
    server.machines.assertNothingStarts();
    assertThat(server.life.reason(function)).contains("crashed before they answered anything");
    server.clock.advance(SECOND);

    Task task = server.awaitStarted();
    server.life.hello(task);
    server.answer(task, server.takeInput(task));
    assertThat(server.outcome(waiting).status()).isEqualTo(OutcomeStatus.SUCCESS);
    server.exit(task, TaskExit.Cause.EXITED, "crashed after an answer");
    server.call(function);
    assertThat(server.awaitWorking()).isNotNull();
    assertThat(server.notices).hasSize(1);
  }

  @Test
  void whatAContainerSaysAboutItsFailedStartIsTheResultOfWhoWaits() throws Exception {
    CallId call = server.call(server.function(definition -> {}));
    Task task = server.awaitStarted();
    server.life.hello(task);
    task.startupFailed(
        dev.slipway.protocol.modal.GenericResult.newBuilder()
            .setException("no module named x")
            .build()
            .toByteArray());

    server.exit(task, TaskExit.Cause.EXITED, "the process ended with exit code 0");

    assertThat(server.outcome(call).status()).isEqualTo(OutcomeStatus.INIT_FAILURE);
    assertThat(new String(server.outcome(call).payload().orElseThrow()))
        .contains("no module named x");
  }

  @Test
  void aMachineThatCannotStartAContainerIsTriedAFewTimes() throws Exception {
    CallId call = server.call(server.function(definition -> {}));
    for (int i = 1; i <= Departures.MAX_START_FAILURES; i++) {
      assertThat(server.hasOutcome(call)).isFalse();
      Task task = server.awaitStarted();
      server.exit(task, TaskExit.Cause.START_FAILED, "no space left for its root");
      if (i < Departures.MAX_START_FAILURES) {
        server.clock.awaitAlarm(Duration.ofSeconds(30));
      }
      server.clock.advance(Duration.ofSeconds(60));
    }
    assertThat(server.outcome(call).status()).isEqualTo(OutcomeStatus.INIT_FAILURE);
    assertThat(server.outcome(call).message()).isEqualTo("no space left for its root");
  }

  @Test
  void aCallThatIsCancelledWithItsContainersKillsThemAndSparesOtherCalls() throws Exception {
    FunctionId function =
        server.function(
            definition -> definition.setMaxConcurrentInputs(2).setTargetConcurrentInputs(2));
    CallId cancelled = server.call(function);
    Task task = server.awaitWorking();
    CallId spared = server.call(function);
    server.takeInput(task);

    server.calls.calls().cancel(cancelled, true);

    assertThat(server.machines.stops)
        .extracting(PlayedMachines.Stop::grace)
        .containsExactly(Duration.ZERO);
    server.exit(task, TaskExit.Cause.STOPPED, "killed");
    assertThat(server.outcome(cancelled).status()).isEqualTo(OutcomeStatus.TERMINATED);
    Task other = server.awaitStarted();
    server.life.hello(other);
    server.answer(other, server.takeInput(other));
    assertThat(server.outcome(spared).status()).isEqualTo(OutcomeStatus.SUCCESS);
  }
}
