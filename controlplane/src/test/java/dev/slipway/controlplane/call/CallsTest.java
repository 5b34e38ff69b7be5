package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.ASYNC;
import static dev.slipway.controlplane.call.CallFixture.OTHER_TASK;
import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.input;
import static dev.slipway.controlplane.call.CallFixture.success;
import static dev.slipway.controlplane.call.CallFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Making calls, and what becomes of them when a server dies.
@Tag("integration")
@Timeout(60)
class CallsTest {
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
  void anInputIsDurableBeforeItIsAcknowledgedOrHandedOut() throws Exception {
    FunctionId function = server.function();
    server.gate.shut();
    CompletableFuture<CallId> made =
        CompletableFuture.supplyAsync(
            () -> server.spawn(function), task -> Thread.ofVirtual().start(task));
    server.gate.awaitKnock();
    assertThat(made.isDone()).isFalse();
    assertThat(server.take(TASK, function)).isEmpty();

    server.gate.open();

    CallId call = made.get(10, TimeUnit.SECONDS);
    assertThat(server.take(TASK, function)).extracting(Assignment::call).containsExactly(call);
    CallFixture next = server.killedAndStartedAgain();
    assertThat(next.take(OTHER_TASK, function)).extracting(Assignment::call).containsExactly(call);
    server = next;
  }

  @Test
  void anInputThatCannotBeWrittenIsRefusedAndNotRun() throws Exception {
    FunctionId function = server.function();
    server.gate.refuse(Integer.MAX_VALUE);

    assertThatThrownBy(() -> server.spawn(function))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE));

    server.gate.refuse(0);
    assertThat(server.take(TASK, function)).isEmpty();
    assertThat(server.killedAndStartedAgain().take(TASK, function)).isEmpty();
  }

  @Test
  void aRepeatedRequestFindsTheCallThatTheFirstOneMade() throws Exception {
    FunctionId function = server.function();
    Calls.Made first = server.make(function, ASYNC, Optional.of("key"));

    assertThat(server.make(function, ASYNC, Optional.of("key"))).isEqualTo(first);
    assertThat(server.make(function, ASYNC, Optional.of("another")).call())
        .isNotEqualTo(first.call());
    server = server.killedAndStartedAgain();

    assertThat(server.make(function, ASYNC, Optional.of("key"))).isEqualTo(first);
    assertThat(server.take(TASK, function)).hasSize(1);
    assertThat(server.take(OTHER_TASK, function)).hasSize(1);
  }

  @Test
  void aKeyMeansOneFunctionsCallOnly() {
    Calls.Made first = server.make(server.function(), ASYNC, Optional.of("shared"));

    assertThat(server.make(server.function(), ASYNC, Optional.of("shared")).call())
        .isNotEqualTo(first.call());
  }

  @Test
  void aRequestWhoseFirstAttemptWasWrittenWithoutAnAnswerMakesNoSecondCall() {
    FunctionId function = server.function();
    int before = server.rows("call");
    Calls.Made written = server.make(function, ASYNC, Optional.of("half way"));
    // A server that knows nothing of the first attempt, as after a failure in the very moment of
    // the commit.
    CallFixture unknowing = server.killedAndStartedAgain();
    unknowing.close();
    server = CallFixture.open(FIXTURE.database());

    assertThat(server.make(function, ASYNC, Optional.of("half way")).call())
        .isEqualTo(written.call());
    assertThat(server.rows("call")).isEqualTo(before + 1);
  }

  @Test
  void indexesThatAMapHasAlreadyKeepTheirIds() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 0);
    List<Calls.Accepted> first = server.put(map, function, 0, 5);

    List<Calls.Accepted> second = server.put(map, function, 3, 8);

    assertThat(second.subList(0, 2)).isEqualTo(first.subList(3, 5));
    assertThat(server.system.calls().demand(function).waiting()).isEqualTo(8);
  }

  @Test
  void whatWasUnderWayRunsAgainAfterARestartAndFinishedInputsDoNot() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 3);
    Assignment done = server.take(TASK, function).getFirst();
    server.answer(TASK, function, done, success("zero"));
    assertThat(server.take(TASK, function)).hasSize(1);

    server = server.killedAndStartedAgain();

    assertThat(server.take(OTHER_TASK, function)).extracting(Assignment::index).containsExactly(1);
    assertThat(server.take(TASK, function)).extracting(Assignment::index).containsExactly(2);
    assertThat(text(server.onlyOutput(map))).isEqualTo("zero");
  }

  @Test
  void cancellingEndsWhatWaitsAtOnceAndAsksContainersForTheRest() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 3);
    Assignment running = server.take(TASK, function).getFirst();

    server.system.calls().cancel(map, false);

    assertThat(server.outputs(map))
        .hasSize(2)
        .allSatisfy(output -> {
          assertThat(output.outcome().status()).isEqualTo(OutcomeStatus.TERMINATED);
          assertThat(text(output)).isEqualTo("the call was cancelled");
        });
    assertThat(server.containers.cancelled).containsExactly(running.input());
    assertThat(server.containers.killed).isEmpty();
    assertThatThrownBy(() -> server.put(map, function, 3, 4)).hasMessageContaining("cancelled");
  }

  @Test
  void cancellingWithItsContainersKillsThem() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.take(TASK, function);

    server.system.calls().cancel(call, true);

    assertThat(server.containers.killed).containsExactly(TASK);
  }

  @Test
  void cancelledInputsAreNotRunAfterARestart() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.take(TASK, function);
    server.system.calls().cancel(call, false);

    server = server.killedAndStartedAgain();

    assertThat(server.take(OTHER_TASK, function)).isEmpty();
    assertThat(server.onlyOutput(call).outcome().status()).isEqualTo(OutcomeStatus.TERMINATED);
  }

  @Test
  void aVeryLargeMapIsCancelledInNoTime() {
    FunctionId function = server.function();
    CallId map = server.map(function, 0);
    for (int from = 0; from < 10_000; from += 1_000) {
      server.put(map, function, from, from + 1_000);
    }

    org.junit.jupiter.api.Assertions.assertTimeout(
        Duration.ofSeconds(20), () -> server.system.calls().cancel(map, false));

    assertThat(server.system.calls().demand(function).waiting()).isZero();
  }

  @Test
  void resultsOfThePlatformWaitForTheDatabase() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.gate.refuse(Integer.MAX_VALUE);
    server
        .system
        .calls()
        .endWaiting(function, Outcome.ofPlatform(OutcomeStatus.INIT_FAILURE, "no such module"));
    assertThat(server.outputs(call)).isEmpty();
    assertThat(server.take(TASK, function)).as("an input that is to end").isEmpty();

    server.gate.refuse(0);
    server.clock.advance(Duration.ofSeconds(2));

    assertThat(text(server.onlyOutput(call))).isEqualTo("no such module");
  }

  @Test
  void moreThanAFunctionOrAWorkspaceMayHaveIsRefusedForNow() throws Exception {
    server.close();
    server =
        CallFixture.open(
            FIXTURE.database(), new CallLimits(3, 5, CallLimits.DEFAULT.finishedBytes()));
    FunctionId one = server.function();
    FunctionId two = server.function();
    CallId map = server.map(one, 3);

    assertThatThrownBy(() -> server.put(map, one, 3, 4))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(ErrorKind.EXHAUSTED);
              assertThat(failure.retryAfter()).contains(Calls.COME_BACK_AFTER);
            })
        .hasMessage("3 inputs of this function wait already; at most 3 may");
    CallId other = server.map(two, 2);
    assertThatThrownBy(() -> server.put(other, two, 2, 3))
        .hasMessage("5 inputs of this workspace have no result yet; at most 5 may");

    Assignment first = server.take(TASK, one).getFirst();
    assertThatThrownBy(() -> server.put(map, one, 3, 4)).hasMessageContaining("workspace");
    server.answer(TASK, one, first, success("done"));

    assertThat(server.put(map, one, 3, 4)).hasSize(1);
  }

  @Test
  void unreasonableRequestsAreRefusedWithTheValue() {
    FunctionId function = server.function();
    CallId map = server.map(function, 0);

    assertThatThrownBy(() -> server.system.calls().put(map, function, List.of(input(-1))))
        .hasMessage("the index of an input is 0 or more, not -1");
    assertThatThrownBy(() -> server.put(map, function, 0, 1_001))
        .hasMessage("a request carries at most 1000 inputs, not 1001");
    assertThatThrownBy(() -> server.put(map, server.function(), 0, 1))
        .hasMessageContaining("is no call of the function");
    assertThatThrownBy(() -> server.system.calls().requireApp(new CallId("fc-nobody")))
        .hasMessage("There is no function call 'fc-nobody', or its results have expired");
  }
}
