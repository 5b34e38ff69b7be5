package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.OTHER_TASK;
import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.failure;
import static dev.slipway.controlplane.call.CallFixture.retrying;
import static dev.slipway.controlplane.call.CallFixture.success;
import static dev.slipway.controlplane.call.CallFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Containers take inputs, answer them, answer what they should not, run out of time, and die.
@Tag("integration")
@Timeout(60)
class AttemptsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private CallFixture server;

  @BeforeEach
  void open() {
    server = CallFixture.open(FIXTURE.database());
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void everyInputHasOneOwnerHoweverManyContainersAsk() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 400);
    List<InputId> taken = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<InputId>>> containers = new ArrayList<>();
      for (int c = 0; c < 8; c++) {
        TaskId task = new TaskId("ta-0000000000000000000000010" + c);
        containers.add(threads.submit(() -> work(task, function)));
      }
      for (Future<List<InputId>> container : containers) {
        taken.addAll(container.get());
      }
    }
    assertThat(taken).hasSize(400).doesNotHaveDuplicates();
    assertThat(server.outputs(map)).hasSize(400);
  }

  private List<InputId> work(TaskId task, FunctionId function) throws InterruptedException {
    List<InputId> taken = new ArrayList<>();
    List<Assignment> inputs = server.take(task, function);
    while (!inputs.isEmpty()) {
      taken.add(inputs.getFirst().input());
      server.answer(task, function, inputs.getFirst(), success(""));
      inputs = server.take(task, function);
    }
    return taken;
  }

  @Test
  void anAnswerCountsOnceAndOnlyFromTheContainerThatHasTheInput() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();

    server.answer(OTHER_TASK, function, input, success("not mine"));
    assertThat(server.outputs(call)).isEmpty();
    server.answer(TASK, function, input, success("first"));
    server.answer(TASK, function, input, success("second"));
    server
        .system
        .attempts()
        .finish(
            TASK,
            function,
            List.of(new Attempts.Answer(new InputId("in-unknown"), 0, success("what?"))));

    assertThat(text(server.onlyOutput(call))).isEqualTo("first");
    server = server.killedAndStartedAgain();
    assertThat(text(server.onlyOutput(call))).isEqualTo("first");
  }

  @Test
  void anAnswerThatWasNotWrittenIsBroughtAgain() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();
    server.gate.refuse(Integer.MAX_VALUE);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> server.answer(TASK, function, input, success("x")))
        .hasMessageContaining("database");
    assertThat(server.outputs(call)).isEmpty();

    server.gate.refuse(0);
    server.answer(TASK, function, input, success("again"));

    assertThat(text(server.onlyOutput(call))).isEqualTo("again");
  }

  @Test
  void anInputWhoseHandingOverGotLostIsHandedOverAgain() throws Exception {
    FunctionId function = server.function();
    server.map(function, 2);
    Assignment first = server.take(TASK, function).getFirst();

    Assignment again = server.take(TASK, function).getFirst();

    assertThat(again.input()).isEqualTo(first.input());
    assertThat(again.attempt()).isEqualTo(first.attempt());
  }

  @Test
  void aContainerThatVanishesWhileItAsksHasTakenNothing() throws Exception {
    FunctionId function = server.function();
    Thread asking =
        Thread.ofVirtual()
            .start(() -> {
              try {
                server.system.attempts().take(TASK, function, 1);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Thread.sleep(100);
    asking.interrupt();
    asking.join();

    CallId call = server.spawn(function);

    assertThat(server.take(OTHER_TASK, function))
        .extracting(Assignment::call)
        .containsExactly(call);
  }

  @Test
  void aWaitingContainerIsWokenByTheInput() throws Exception {
    FunctionId function = server.function();
    CompletableFuture<Attempts.Taken> asking = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            asking.complete(server.system.attempts().take(TASK, function, 1));
          } catch (InterruptedException e) {
            asking.completeExceptionally(e);
          }
        });
    Thread.sleep(100);
    assertThat(asking.isDone()).isFalse();

    CallId call = server.spawn(function);

    assertThat(asking.get(20, TimeUnit.SECONDS).inputs())
        .extracting(Assignment::call)
        .containsExactly(call);
  }

  @Test
  void failuresAreTriedAgainAfterGrowingDelaysAndTheLastOneCounts() throws Exception {
    FunctionId function = server.function(retrying(2, 1_000, 3));
    CallId call = server.spawn(function);
    fail(function, 0);
    server.clock.advance(Duration.ofMillis(999));
    assertThat(server.take(TASK, function)).isEmpty();
    assertThat(server.system.calls().demand(function).delayed()).isEqualTo(1);
    server.clock.advance(Duration.ofMillis(1));
    fail(function, 1);
    server.clock.advance(Duration.ofMillis(2_999));
    assertThat(server.take(TASK, function)).isEmpty();
    server.clock.advance(Duration.ofMillis(1));
    assertThat(server.outputs(call)).isEmpty();
    fail(function, 2);

    Output output = server.onlyOutput(call);
    assertThat(text(output)).isEqualTo("attempt 2");
    assertThat(output.outcome().status()).isEqualTo(OutcomeStatus.FAILURE);
  }

  private void fail(FunctionId function, int attempt) throws InterruptedException {
    Assignment input = server.take(TASK, function).getFirst();
    assertThat(input.attempt()).isEqualTo(attempt);
    server.answer(TASK, function, input, failure("attempt " + attempt));
  }

  @Test
  void attemptsThatFailedCountAfterARestartToo() throws Exception {
    FunctionId function = server.function(retrying(1, 0, 1));
    CallId call = server.spawn(function);
    fail(function, 0);
    server.drain();

    server = server.killedAndStartedAgain();

    fail(function, 1);
    assertThat(text(server.onlyOutput(call))).isEqualTo("attempt 1");
  }

  @Test
  void aRetryIsNotForgottenWhenTheDatabaseIsAway() throws Exception {
    FunctionId function = server.function(retrying(1, 1_000, 1));
    server.spawn(function);
    server.gate.refuse(Integer.MAX_VALUE);
    fail(function, 0);

    server.clock.advance(Duration.ofSeconds(1));

    assertThat(server.take(TASK, function)).extracting(Assignment::attempt).containsExactly(1);
  }

  @Test
  void anInputThatTakesTooLongEndsAndItsContainerIsKilled() throws Exception {
    FunctionId function = server.function(definition -> definition.setTimeoutSecs(10));
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();
    server.clock.advance(Duration.ofMillis(9_999));
    assertThat(server.outputs(call)).isEmpty();

    server.clock.advance(Duration.ofMillis(1));
    server.answer(TASK, function, input, success("too late"));

    Output output = server.onlyOutput(call);
    assertThat(output.outcome().status()).isEqualTo(OutcomeStatus.TIMEOUT);
    assertThat(text(output))
        .isEqualTo("the input ran for longer than the function's timeout of 10 s");
    assertThat(server.containers.killed).containsExactly(TASK);
  }

  @Test
  void theAnswerToAnAttemptThatTimedOutDoesNotEndTheNextAttempt() throws Exception {
    FunctionId function =
        server.function(retrying(1, 0, 1).andThen(definition -> definition.setTimeoutSecs(10)));
    CallId call = server.spawn(function);
    Assignment first = server.take(TASK, function).getFirst();
    server.clock.advance(Duration.ofSeconds(10));
    Assignment second = server.take(TASK, function).getFirst();
    assertThat(second.attempt()).isEqualTo(1);

    server.answer(TASK, function, first, success("of the first"));
    assertThat(server.outputs(call)).isEmpty();
    server.clock.advance(Duration.ofSeconds(9));
    server.answer(TASK, function, second, success("of the second"));

    assertThat(text(server.onlyOutput(call))).isEqualTo("of the second");
    assertThat(server.containers.killed).hasSize(1);
  }

  @Test
  void anAnswerInTimeKeepsTheContainer() throws Exception {
    FunctionId function = server.function(definition -> definition.setTimeoutSecs(10));
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();
    server.answer(TASK, function, input, success("in time"));

    server.clock.advance(Duration.ofSeconds(11));

    assertThat(text(server.onlyOutput(call))).isEqualTo("in time");
    assertThat(server.containers.killed).isEmpty();
  }

  @Test
  void theWaysInWhichAContainerEndsAreToldApart() throws Exception {
    assertThat(endOf(TaskEnd.Kind.CRASHED, "exit code 1"))
        .isEqualTo(Outcome.ofPlatform(OutcomeStatus.FAILURE, "exit code 1"));
    assertThat(endOf(TaskEnd.Kind.OUT_OF_MEMORY, "128 MiB were not enough"))
        .isEqualTo(Outcome.ofPlatform(OutcomeStatus.OUT_OF_MEMORY, "128 MiB were not enough"));
    assertThat(endOf(TaskEnd.Kind.APP_STOPPED, "the app has stopped"))
        .isEqualTo(Outcome.ofPlatform(OutcomeStatus.TERMINATED, "the app has stopped"));
  }

  private Outcome endOf(TaskEnd.Kind kind, String reason) throws InterruptedException {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.take(TASK, function);
    server.system.attempts().taskGone(TASK, function, new TaskEnd(kind, reason));
    return server.onlyOutput(call).outcome();
  }

  @Test
  void anInputOfAContainerThatCrashedIsTriedAgainInAnother() throws Exception {
    FunctionId function = server.function(retrying(1, 0, 1));
    CallId call = server.spawn(function);
    server.take(TASK, function);
    server
        .system
        .attempts()
        .taskGone(TASK, function, new TaskEnd(TaskEnd.Kind.CRASHED, "exit code 1"));
    server.clock.advance(Duration.ZERO);

    Assignment second = server.take(OTHER_TASK, function).getFirst();
    server.answer(OTHER_TASK, function, second, success("second try"));

    assertThat(text(server.onlyOutput(call))).isEqualTo("second try");
  }

  @Test
  void anInputWhoseContainerIsTakenAwayLosesNoAttemptAndComesFirst() throws Exception {
    FunctionId function = server.function();
    server.map(function, 3);
    Assignment lost = server.take(TASK, function).getFirst();

    withdraw(TASK, function);

    Assignment again = server.take(OTHER_TASK, function).getFirst();
    assertThat(again.input()).isEqualTo(lost.input());
    assertThat(again.attempt()).isZero();
  }

  @Test
  void anInputThatLosesEveryContainerIsGivenUp() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    for (int i = 0; i <= Attempts.MAX_WITHDRAWALS; i++) {
      TaskId task = new TaskId("ta-000000000000000000000000" + (10 + i));
      assertThat(server.take(task, function)).hasSize(1);
      withdraw(task, function);
    }
    Output output = server.onlyOutput(call);
    assertThat(output.outcome().status()).isEqualTo(OutcomeStatus.INTERNAL_FAILURE);
    assertThat(text(output)).contains("lost its container 11 times", "the worker is gone");
  }

  private void withdraw(TaskId task, FunctionId function) {
    server
        .system
        .attempts()
        .taskGone(task, function, new TaskEnd(TaskEnd.Kind.WITHDRAWN, "the worker is gone"));
  }

  @Test
  void aContainerThatHasEndedGetsNothingMore() throws Exception {
    FunctionId function = server.function();
    withdraw(TASK, function);
    server.spawn(function);

    Attempts.Taken late = server.system.attempts().take(TASK, function, 1, Duration.ZERO);

    assertThat(late.leave()).isTrue();
    assertThat(late.inputs()).isEmpty();
    assertThat(server.take(OTHER_TASK, function)).hasSize(1);
    assertThat(server.system.calls().demand(function).loads()).containsOnlyKeys(OTHER_TASK);
  }

  @Test
  void theResultOfACrashWaitsForTheDatabase() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.take(TASK, function);
    server.gate.refuse(Integer.MAX_VALUE);
    server
        .system
        .attempts()
        .taskGone(TASK, function, new TaskEnd(TaskEnd.Kind.CRASHED, "exit code 139"));
    assertThat(server.outputs(call)).isEmpty();

    server.gate.refuse(0);
    server.clock.advance(Duration.ofSeconds(2));

    assertThat(text(server.onlyOutput(call))).isEqualTo("exit code 139");
  }

  @Test
  void aContainerThatDoesNotGiveACancelledInputUpIsKilled() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 2);
    Assignment obedient = server.take(TASK, function).getFirst();
    Assignment stubborn = server.take(OTHER_TASK, function).getFirst();
    server.system.calls().cancel(map, false);
    server.system.attempts().enforceCancellation(TASK, function, List.of(obedient.input()));
    server.system.attempts().enforceCancellation(OTHER_TASK, function, List.of(stubborn.input()));
    server.answer(
        TASK, function, obedient, Outcome.ofPlatform(OutcomeStatus.TERMINATED, "gave it up"));

    server.clock.advance(Attempts.CANCEL_GRACE);

    assertThat(server.containers.killed).containsExactly(OTHER_TASK);
    withdraw(OTHER_TASK, function);
    assertThat(server.outputs(map))
        .hasSize(2)
        .allMatch(output -> output.outcome().status() == OutcomeStatus.TERMINATED);
  }

  @Test
  void aFailureAfterACancellationIsNotTriedAgain() throws Exception {
    FunctionId function = server.function(retrying(3, 0, 1));
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();
    server.system.calls().cancel(call, false);

    server.answer(TASK, function, input, failure("interrupted"));

    assertThat(text(server.onlyOutput(call))).isEqualTo("interrupted");
  }

  @Test
  void aContainerMayStreamForWhatItWorksOnAndForWhatItHasJustAnswered() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    Attempts attempts = server.system.attempts();
    assertThat(attempts.worksOn(TASK, function, call)).isFalse();
    Assignment input = server.take(TASK, function).getFirst();
    assertThat(attempts.worksOn(TASK, function, call)).isTrue();
    assertThat(attempts.worksOn(OTHER_TASK, function, call)).isFalse();

    server.answer(TASK, function, input, failure("the belt stopped"));

    assertThat(attempts.worksOn(TASK, function, call)).isTrue();
    withdraw(TASK, function);
    assertThat(attempts.worksOn(TASK, function, call)).isFalse();
  }

  @Test
  void aBatchHoldsInputsOfOneMethodOnly() throws Exception {
    FunctionId function =
        server.function(definition -> definition.setBatchMaxSize(4).setBatchLingerMs(20));
    CallId map = server.map(function, 0);
    server
        .system
        .calls()
        .put(
            map,
            function,
            List.of(
                CallFixture.input(0, "one"),
                CallFixture.input(1, "two"),
                CallFixture.input(2, "one"),
                CallFixture.input(3, "one")));

    assertThat(server.take(TASK, function)).extracting(Assignment::index).containsExactly(0, 2, 3);
    assertThat(server.take(OTHER_TASK, function)).extracting(Assignment::index).containsExactly(1);
  }
}
