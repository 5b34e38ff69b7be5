package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.OTHER_TASK;
import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Short inputs are handed to a container several at a time; those that it has not begun belong to
/// it only as long as it comes for them.
@Tag("integration")
@Timeout(60)
class HandfulsTest {
  private static final int MOST = 8;
  private static final Duration SHORT = Duration.ofMillis(2);

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

  private List<Assignment> take(TaskId task, FunctionId function) throws InterruptedException {
    return server.system.attempts().take(task, function, MOST, Duration.ZERO).inputs();
  }

  private void giveBack(TaskId task, FunctionId function, List<Assignment> inputs) {
    server
        .system
        .attempts()
        .giveBack(
            task,
            function,
            inputs.stream().map(i -> new Attempts.Held(i.input(), i.attempt())).toList());
  }

  /// Answers all in one message, after so long for each.
  private void answer(TaskId task, FunctionId function, List<Assignment> inputs, Duration each) {
    server.clock.advance(each.multipliedBy(inputs.size()));
    server
        .system
        .attempts()
        .finish(
            task,
            function,
            inputs.stream()
                .map(i -> new Attempts.Answer(i.input(), i.attempt(), success("")))
                .toList());
  }

  /// A map whose first input has shown what inputs take.
  private CallId mapOf(FunctionId function, int inputs, Duration each) throws InterruptedException {
    CallId map = server.map(function, inputs + 1);
    List<Assignment> first = take(TASK, function);
    assertThat(first).as("nothing is known yet").hasSize(1);
    answer(TASK, function, first, each);
    return map;
  }

  private static List<Integer> indexes(List<Assignment> inputs) {
    return inputs.stream().map(Assignment::index).toList();
  }

  @Test
  void whatInputsTakeIsKnownHoweverManyWereHandedOverAndAnsweredTogether() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 100, SHORT);
    for (int i = 0; i < 5; i++) {
      List<Assignment> handful = take(TASK, function);
      assertThat(handful).hasSize(MOST);
      answer(TASK, function, handful, SHORT);
      assertThat(server.system.calls().demand(function).service()).contains(SHORT);
    }
    assertThat(server.outputs(map)).hasSize(1 + 5 * MOST);
  }

  @Test
  void longInputsAreHandedOverOneByOne() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 10, Duration.ofMillis(50));

    assertThat(take(TASK, function)).hasSize(1);
    assertThat(server.outputs(map)).hasSize(1);
  }

  @Test
  void whatIsOnlyHeldWaitsInTheEyesOfTheScheduler() throws Exception {
    FunctionId function = server.function();
    mapOf(function, 10, SHORT);
    take(TASK, function);

    Demand demand = server.system.calls().demand(function);

    assertThat(demand.running()).isEqualTo(1);
    assertThat(demand.waiting()).isEqualTo(9);
    assertThat(demand.loads())
        .hasEntrySatisfying(TASK, load -> assertThat(load.runningInputs()).isEqualTo(1));
  }

  @Test
  void whatAContainerDoesNotBeginGoesToAnotherFirstAndLosesNoAttempt() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 20, SHORT);
    List<Assignment> handful = take(TASK, function);
    List<Assignment> notBegun = handful.subList(1, handful.size());
    for (int i = 0; i < 2 * Attempts.MAX_WITHDRAWALS; i++) {
      giveBack(TASK, function, notBegun);
      List<Assignment> next = take(OTHER_TASK, function);
      assertThat(indexes(next)).startsWith(2, 3, 4);
      giveBack(OTHER_TASK, function, next);
      assertThat(take(TASK, function)).as("what it has begun").hasSize(1);
      notBegun = List.of();
    }
    // One that it has no more is no affair of it, nor is another attempt.
    List<Assignment> others = take(OTHER_TASK, function);
    giveBack(TASK, function, others);
    giveBack(
        OTHER_TASK,
        function,
        others.stream()
            .map(i ->
                new Assignment(i.input(), i.call(), i.index(), i.invocationCode(), 7, i.payload()))
            .toList());
    answer(OTHER_TASK, function, others, SHORT);
    answer(TASK, function, handful, SHORT);

    assertThat(server.outputs(map).stream().map(Output::index))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(0, others.size() + 1).boxed().toList());
  }

  @Test
  void aHandfulWhoseHandingOverGotLostIsHandedOverAgain() throws Exception {
    FunctionId function = server.function();
    mapOf(function, 20, SHORT);

    List<Assignment> lost = take(TASK, function);

    assertThat(indexes(take(TASK, function))).isEqualTo(indexes(lost)).hasSize(MOST);
    assertThat(indexes(server.take(TASK, function))).isEqualTo(indexes(lost.subList(0, 1)));
  }

  @Test
  void aCrashIsTheFailureOfWhatTheContainerHadBegunAndOfNothingElse() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 20, SHORT);
    List<Assignment> handful = take(TASK, function);
    giveBack(TASK, function, handful.subList(4, handful.size()));
    answer(TASK, function, handful.subList(0, 1), SHORT);
    server
        .system
        .attempts()
        .taskGone(TASK, function, new TaskEnd(TaskEnd.Kind.CRASHED, "exit code 1"));

    assertThat(server.outputs(map).stream().filter(Output::failed).map(Output::index))
        .containsExactly(2);
    assertThat(indexes(take(OTHER_TASK, function))).startsWith(3, 4, 5, 6);
  }

  @Test
  void theEndOfAnAppEndsWhatIsOnlyHeldToo() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 20, SHORT);
    List<Assignment> handful = take(TASK, function);
    server
        .system
        .attempts()
        .taskGone(TASK, function, new TaskEnd(TaskEnd.Kind.APP_STOPPED, "the app stops"));

    assertThat(server.outputs(map).stream().filter(Output::failed)).hasSameSizeAs(handful);
  }

  @Test
  void cancellingEndsWhatIsOnlyHeldAndAsksForTheRest() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 20, SHORT);
    List<Assignment> handful = take(TASK, function);

    server.system.calls().cancel(map, false);

    assertThat(server.containers.cancelled).containsExactly(handful.getFirst().input());
    assertThat(server.outputs(map)).hasSize(20);
    // It may come to the others before it hears of that: nobody waits for their answers.
    answer(TASK, function, handful, SHORT);
    assertThat(server.outputs(map))
        .hasSize(21)
        .filteredOn(output -> output.outcome().status() == OutcomeStatus.SUCCESS)
        .hasSize(2);
  }

  @Test
  void whatIsGivenBackAfterACancellationEnds() throws Exception {
    FunctionId function = server.function();
    CallId map = mapOf(function, 20, SHORT);
    List<Assignment> handful = take(TASK, function);
    server.system.calls().cancel(map, false);

    giveBack(TASK, function, handful);

    assertThat(server.outputs(map)).hasSize(21);
    assertThat(take(OTHER_TASK, function)).isEmpty();
  }

  @Test
  void containersOfManyInputsAndOfOneInTheirLifeAreGivenNoHandfuls() throws Exception {
    for (FunctionId function :
        List.of(
            server.function(definition -> definition.setMaxConcurrentInputs(4)),
            server.function(definition -> definition.setSingleUseContainers(true)))) {
      mapOf(function, 20, SHORT);
      assertThat(take(OTHER_TASK, function)).hasSize(1);
    }
  }
}
