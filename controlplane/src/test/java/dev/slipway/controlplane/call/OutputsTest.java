package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.ASYNC;
import static dev.slipway.controlplane.call.CallFixture.OTHER_TASK;
import static dev.slipway.controlplane.call.CallFixture.SYNC;
import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.success;
import static dev.slipway.controlplane.call.CallFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Reading results: when they come, in what order, for how long.
@Tag("integration")
@Timeout(60)
class OutputsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final Duration LONG = Duration.ofSeconds(50);

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
  void aQuestionIsAnsweredWhenTheOutputArrivesAndNotLater() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();
    CompletableFuture<Outputs.Read> question = ask(call, new Outputs.Wanted.Range(0, 0), LONG);
    Thread.sleep(100);
    assertThat(question.isDone()).isFalse();

    server.answer(TASK, function, input, success("here"));

    Outputs.Read read = question.get(LONG.dividedBy(2).toSeconds(), TimeUnit.SECONDS);
    assertThat(read.outputs()).extracting(CallFixture::text).containsExactly("here");
    assertThat(read.unfinished()).isZero();
  }

  @Test
  void aQuestionEndsEmptyWhenItsTimeIsOver() throws Exception {
    CallId call = server.spawn(server.function());
    Outputs.Read read =
        ask(call, new Outputs.Wanted.Range(0, 0), Duration.ofMillis(50)).get(20, TimeUnit.SECONDS);
    assertThat(read.outputs()).isEmpty();
    assertThat(read.unfinished()).isEqualTo(1);
  }

  @Test
  void anUnreasonableRangeCostsNoMoreThanAnyOther() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.answer(TASK, function, server.take(TASK, function).getFirst(), success("only"));
    Outputs.Wanted everything = new Outputs.Wanted.Range(Integer.MIN_VALUE, Integer.MAX_VALUE);
    assertThat(ask(call, everything, Duration.ZERO).get(10, TimeUnit.SECONDS).outputs()).hasSize(1);
    Outputs.Wanted nothing = new Outputs.Wanted.Range(Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertThat(ask(call, nothing, Duration.ZERO).get(10, TimeUnit.SECONDS).outputs()).isEmpty();
  }

  @Test
  void aReaderWithACursorGetsEveryOutputOnce() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 6);
    List<Integer> seen = new ArrayList<>();
    Outputs.Place place = Outputs.Place.START;
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 2; i++) {
        Assignment input = server.take(TASK, function).getFirst();
        server.answer(TASK, function, input, success(""));
      }
      Outputs.Read read = read(map, place);
      read.outputs().forEach(output -> seen.add(output.index()));
      place = read.place();
    }
    assertThat(seen).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(read(map, place).outputs()).isEmpty();
  }

  @Test
  void aCursorFromBeforeARestartMissesNothing() throws Exception {
    FunctionId function = server.function();
    CallId map = server.map(function, 4);
    Assignment zero = server.take(TASK, function).getFirst();
    Assignment one = server.take(OTHER_TASK, function).getFirst();
    server.answer(OTHER_TASK, function, one, success("one"));
    Outputs.Read before = read(map, Outputs.Place.START);
    assertThat(before.outputs()).extracting(Output::index).containsExactly(1);
    server.answer(TASK, function, zero, success("zero"));
    // The order in the database need not be the one that the reader saw.
    server
        .database
        .jdbi()
        .useHandle(handle -> {
          handle.execute("update output set idx = idx + 10 where call_id = ?", map.value());
          handle.execute("update output set idx = 11 - idx where call_id = ?", map.value());
        });

    server = server.killedAndStartedAgain();

    TreeSet<Integer> all = new TreeSet<>();
    before.outputs().forEach(output -> all.add(output.index()));
    read(map, before.place()).outputs().forEach(output -> all.add(output.index()));
    assertThat(all).containsExactly(0, 1);
  }

  @Test
  void aCursorIsTextThatOnlyTheServerUnderstands() {
    Outputs.Place place = new Outputs.Place(1_700_000_000_123L, 17);
    assertThat(CallTranslation.place(CallTranslation.cursor(place))).isEqualTo(place);
    assertThat(CallTranslation.place("0-0")).isEqualTo(Outputs.Place.START);
    assertThat(CallTranslation.place("")).isEqualTo(Outputs.Place.START);
    for (String nonsense : List.of("17", "-", "0-", "0--1", "a-b", "0-99999999999999")) {
      assertThatThrownBy(() -> CallTranslation.place(nonsense)).hasMessageContaining(nonsense);
    }
  }

  @Test
  void resultsThatNobodyWaitedForAreKeptSevenDaysFromTheLastOne() throws Exception {
    FunctionId function = server.function();
    CallId call = server.make(function, ASYNC, Optional.empty()).call();
    server.clock.advance(Duration.ofDays(6));
    Assignment input = server.take(TASK, function).getFirst();
    server.answer(TASK, function, input, success("late"));
    server.system.outputs().acknowledge(call);

    server.clock.advance(Duration.ofDays(6));
    upkeep();
    assertThat(text(server.onlyOutput(call))).isEqualTo("late");

    server.clock.advance(Duration.ofDays(2));
    upkeep();
    assertThatThrownBy(() -> server.outputs(call)).hasMessageContaining("expired");
    assertThat(server.rows("input where call_id = '" + call + "'")).isZero();
    assertThat(server.rows("output where call_id = '" + call + "'")).isZero();
  }

  @Test
  void whatIsNotFinishedIsKeptHoweverOldItIs() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    server.clock.advance(Duration.ofDays(30));
    upkeep();
    server = server.killedAndStartedAgain();
    assertThat(server.take(TASK, function)).extracting(Assignment::call).containsExactly(call);
  }

  @Test
  void whatACallerWaitedForAndReadGoesSoonButNotAtOnce() throws Exception {
    FunctionId function = server.function();
    CallId call = server.make(function, SYNC, Optional.empty()).call();
    Assignment input = server.take(TASK, function).getFirst();
    server.answer(TASK, function, input, success("read"));
    server.system.outputs().acknowledge(call);

    upkeep();
    assertThat(text(server.onlyOutput(call))).as("a lost answer, asked again").isEqualTo("read");

    server.clock.advance(Retirement.KEEP_ACKNOWLEDGED.plusSeconds(1));
    upkeep();
    assertThatThrownBy(() -> server.outputs(call)).hasMessageContaining("expired");
    assertThat(server.rows("call where id = '" + call + "'")).isZero();
  }

  @Test
  void aFinishedCallLeavesTheMemoryAndIsFoundAgain() throws Exception {
    FunctionId function = server.function();
    CallId call = server.spawn(function);
    Assignment input = server.take(TASK, function).getFirst();
    server.answer(TASK, function, input, success("kept"));
    server.clock.advance(Retirement.KEEP_FINISHED.plusSeconds(1));
    upkeep();
    assertThat(text(server.onlyOutput(call))).isEqualTo("kept");
  }

  @Test
  void finishedCallsThatNobodyAsksForLeaveTheMemoryWhenTheyTakeTooMuchOfIt() throws Exception {
    server.close();
    server = CallFixture.open(FIXTURE.database(), new CallLimits(1_000, 1_000, 5_000));
    FunctionId function = server.function();
    List<CallId> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(server.spawn(function));
      Assignment input = server.take(TASK, function).getFirst();
      server.answer(TASK, function, input, success("result " + i));
    }
    assertThat(server.system.standings().finishedBytes()).isGreaterThan(5_000);
    server.clock.advance(Retirement.KEEP_ANYWAY.plusSeconds(1));
    assertThat(server.system.standings().finishedBytes()).isZero();
    assertThat(new CallStore(server.database.jdbi()).listUnfinished())
        .extracting(CallStore.StoredCall::app)
        .doesNotContain(server.app.id());
    assertThat(server.rows("call where not settled and app_id = '" + server.app.id() + "'"))
        .isZero();
    for (int i = 0; i < 20; i++) {
      assertThat(text(server.onlyOutput(calls.get(i)))).isEqualTo("result " + i);
    }
  }

  @Test
  void aMapThatGrowsAgainAfterItLeftTheMemoryIsTakenUpByTheNextStart() throws Exception {
    FunctionId function = server.function();
    List<CallId> maps = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      maps.add(server.map(function, 1));
      server.answer(TASK, function, server.take(TASK, function).getFirst(), success("first"));
    }
    server.clock.advance(Retirement.KEEP_FINISHED.plusSeconds(1));
    // Some maps grow before, some while and some after they are settled.
    Thread upkeep = Thread.ofVirtual().start(this::upkeep);
    for (CallId map : maps) {
      server.put(map, function, 1, 2);
    }
    upkeep.join();
    server = server.killedAndStartedAgain();
    List<CallId> taken = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Assignment input = server.take(TASK, function).getFirst();
      taken.add(input.call());
      server.answer(TASK, function, input, success("second"));
    }
    assertThat(taken).containsExactlyInAnyOrderElementsOf(maps);
    upkeep();
    server = server.killedAndStartedAgain();
    assertThat(server.take(TASK, function)).isEmpty();
  }

  private void upkeep() {
    server.system.chore().run();
    server.drain();
  }

  private Outputs.Read read(CallId call, Outputs.Place place) throws InterruptedException {
    return server
        .system
        .outputs()
        .read(call, new Outputs.Wanted.After(place), 0, Duration.ZERO, Duration.ZERO);
  }

  private CompletableFuture<Outputs.Read> ask(CallId call, Outputs.Wanted wanted, Duration hold) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return server.system.outputs().read(call, wanted, 0, hold, hold);
          } catch (InterruptedException e) {
            throw new CompletionException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }
}
