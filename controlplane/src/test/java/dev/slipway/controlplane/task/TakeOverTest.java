package dev.slipway.controlplane.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.call.Assignment;
import dev.slipway.controlplane.call.OutcomeStatus;
import dev.slipway.controlplane.function.DefinedFunctions;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A newer definition takes over from containers that run an older one.
@Tag("integration")
@Timeout(60)
class TakeOverTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private TaskFixture server;
  private FunctionId function;
  private CallId flying;
  private Task old;
  private Assignment input;

  @BeforeEach
  void aContainerWorksOnAnInput() throws Exception {
    server = new TaskFixture(FIXTURE.database());
    function = server.function(definition -> {});
    flying = server.call(function);
    old = server.awaitStarted();
    server.life.hello(old);
    input = server.takeInput(old);
  }

  @AfterEach
  void close() {
    server.close();
  }

  /// Returns the container of the new definition, which the next call brings up.
  private Task deployAndCallAgain() throws InterruptedException {
    DefinedFunctions.redefine(
        server.functions, server.app, function, definition -> definition.setTimeoutSecs(100));
    server.life.published(server.app, false);
    server.call(function);
    return server.awaitStarted();
  }

  private List<Duration> gracesOfTheOld() {
    return server.machines.stops.stream()
        .filter(stop -> stop.task().equals(old.id()))
        .map(PlayedMachines.Stop::grace)
        .toList();
  }

  @Test
  void theOldContainerFinishesItsInputAndGetsNoOther() throws Exception {
    Task fresh = deployAndCallAgain();
    assertThat(fresh.definitionId()).isNotEqualTo(old.definitionId());
    assertThat(old.state()).isEqualTo(TaskState.LEAVING);
    assertThat(gracesOfTheOld()).isEmpty();

    server.answer(old, input);
    assertThat(server.outcome(flying).status()).isEqualTo(OutcomeStatus.SUCCESS);
    assertThat(server.calls.attempts().take(old.id(), function, 1).leave()).isTrue();
    server.life.hello(fresh);
    assertThat(server.takeInput(fresh).input()).isNotEqualTo(input.input());
  }

  @Test
  void aWorkingContainerHasAllTheTimeOfItsInput() throws Exception {
    deployAndCallAgain();
    server.clock.advance(TaskLife.GRACE.multipliedBy(5));
    assertThat(gracesOfTheOld()).isEmpty();

    server.answer(old, input);
    server.clock.advance(TaskLife.GRACE.minusSeconds(1));
    assertThat(gracesOfTheOld()).as("its exit hooks have their time").isEmpty();
    server.clock.advance(Duration.ofSeconds(2));
    assertThat(gracesOfTheOld()).as("and no more").containsExactly(Duration.ZERO);
  }

  @Test
  void aStopOfTheAppIsMorePressing() throws Exception {
    deployAndCallAgain();
    server.apps.stop(server.app.workspace(), server.app.id(), false, "it was told to stop");
    assertThat(gracesOfTheOld()).containsExactly(TaskLife.GRACE);
  }

  @Test
  void anInputOfAnOldContainerThatDiesRunsOnTheNew() throws Exception {
    Task fresh = deployAndCallAgain();
    server.exit(old, TaskExit.Cause.EXITED, "it fell");
    server.life.hello(fresh);
    assertThat(server.takeInput(fresh).input()).isEqualTo(input.input());
  }

  @Test
  void theSameDefinitionKeepsItsContainers() throws Exception {
    server.life.published(server.app, false);
    server.answer(old, input);
    server.call(function);
    server.takeInput(old);
    server.machines.assertNothingStarts();
    assertThat(old.state()).isEqualTo(TaskState.READY);
  }

  @Test
  void aRolloverReplacesContainersOfTheSameDefinition() throws Exception {
    server.life.published(server.app, true);
    assertThat(old.state()).isEqualTo(TaskState.LEAVING);
    server.call(function);
    assertThat(server.awaitStarted().definitionId()).isEqualTo(old.definitionId());
  }
}
