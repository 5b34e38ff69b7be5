package dev.slipway.scheduling;

import static dev.slipway.scheduling.Situations.NOW;
import static dev.slipway.scheduling.Situations.WINDOW;
import static dev.slipway.scheduling.Situations.busy;
import static dev.slipway.scheduling.Situations.container;
import static dev.slipway.scheduling.Situations.idle;
import static dev.slipway.scheduling.Situations.pace;
import static dev.slipway.scheduling.Situations.scene;
import static dev.slipway.scheduling.Situations.settings;
import static dev.slipway.scheduling.Situations.starting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.scheduling.ContainerSnapshot.Phase;
import dev.slipway.scheduling.ScalingSettings.Intake;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AutoscalerTest {
  private static final Duration MOMENT = Duration.ofMillis(5);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration TRIAL = Pace.USUAL_START.multipliedBy(2);

  @Test
  void oneInputAndNoContainerStartsOne() {
    ScalePlan plan = scene().waiting(1).plan();
    assertThat(plan.start()).isEqualTo(1);
    assertThat(plan.reason()).isEqualTo("1 more, because 1 input waits and there is no container");
  }

  @Test
  void aCrowdOfUnknownInputsStartsTwoContainersAndLooksAgain() {
    ScalePlan plan = scene().waiting(10).plan();
    assertThat(plan.start()).isEqualTo(2);
    assertThat(plan.lookAgainAt()).contains(NOW.plus(TRIAL));
  }

  @Test
  void unknownInputsThatGoOnWaitingGetTwiceAsManyContainersEachTime() {
    ContainerSnapshot[] two = {starting(1, SECOND), starting(2, SECOND)};
    assertThat(scene().waiting(50, SECOND).with(two).plan().start()).isZero();
    assertThat(scene().waiting(50, TRIAL).with(two).plan().start()).isEqualTo(2);
    assertThat(scene().cores(16).waiting(50, TRIAL).with(two).plan().start()).isEqualTo(30);
  }

  @Test
  void shortInputsAreLeftToTheContainersThatAreThere() {
    ScalePlan plan =
        scene().with(pace(MOMENT)).waiting(50).with(busy(1, MOMENT), starting(2, MOMENT)).plan();
    assertThat(plan.start()).isZero();
    assertThat(plan.stop()).isEmpty();
    assertThat(plan.reason())
        .isEqualTo(
            "50 inputs wait and 2 containers (1 works, 1 starting); an input takes about 5 ms,"
                + " so they are through with what waits before another is up");
  }

  @Test
  void aCrowdOfVeryShortInputsGetsContainersInStepsAndNoneOnceTheProcessorsAreFull() {
    Situations.Scene crowd =
        scene().waiting(1_000).with(pace(Duration.ofMillis(5))).with(busy(1, Duration.ofMillis(2)));
    ScalePlan first = crowd.plan();
    assertThat(first.start()).isEqualTo(1);
    Situations.Scene two = crowd.with(busy(2, Duration.ofMillis(1)));
    assertThat(two.plan().start()).isEqualTo(2);
    ScalePlan full = two.onSaturatedMachines().plan();
    assertThat(full.start()).isZero();
    assertThat(full.stop()).isEmpty();
    assertThat(full.reason()).contains("1000 inputs wait", "processors are fully used");
    assertThat(full.lookAgainAt()).isPresent();
  }

  @Test
  void longInputsGetTheirContainersOnFullProcessorsToo() {
    ScalePlan plan =
        scene()
            .waiting(10)
            .with(pace(Duration.ofSeconds(30)))
            .with(busy(1, Duration.ofSeconds(1)))
            .onSaturatedMachines()
            .plan();
    assertThat(plan.start()).isPositive();
  }

  @Test
  void longInputsGetAContainerEachAtOnce() {
    ScalePlan plan =
        scene()
            .cores(8)
            .with(pace(Duration.ofSeconds(30)))
            .waiting(10)
            .with(busy(1, SECOND))
            .plan();
    assertThat(plan.start()).isEqualTo(10);
  }

  @Test
  void inputsThatTurnOutLongGetMoreContainersAlthoughNoneHasFinished() {
    ScalePlan early = scene().waiting(8).with(busy(1, MOMENT), busy(2, MOMENT)).plan();
    assertThat(early.start()).isZero();
    assertThat(early.lookAgainAt()).contains(NOW.minus(MOMENT).plusMillis(250));
    ScalePlan later =
        scene()
            .waiting(8, Duration.ofMillis(600))
            .with(busy(1, Duration.ofMillis(600)), busy(2, Duration.ofMillis(600)))
            .plan();
    assertThat(later.start()).isEqualTo(3);
  }

  @Test
  void oneInputThatHangsDoesNotSpeakForTheOthers() {
    ScalePlan plan =
        scene()
            .with(pace(MOMENT))
            .waiting(20)
            .with(busy(1, Duration.ofMinutes(10)), busy(2, MOMENT))
            .plan();
    assertThat(plan.start()).isZero();
  }

  @Test
  void anInputBehindOneThatHangsGetsAContainerOfItsOwn() {
    ScalePlan plan =
        scene().with(pace(MOMENT)).waiting(1).with(busy(1, SECOND.plus(MOMENT))).plan();
    assertThat(plan.start()).isEqualTo(1);
  }

  @Test
  void onlySoManyStartTogetherButThoseThatStartForLongHinderNobody() {
    ContainerSnapshot[] four =
        IntStream.range(0, 4).mapToObj(n -> starting(n, SECOND)).toArray(ContainerSnapshot[]::new);
    ContainerSnapshot[] slow =
        IntStream.range(0, 4)
            .mapToObj(n -> starting(n, Autoscaler.CROWDED_START))
            .toArray(ContainerSnapshot[]::new);
    Situations.Scene many = scene().with(pace(Duration.ofSeconds(30))).waiting(1_000);
    assertThat(many.plan().start()).isEqualTo(4);
    ScalePlan patient = many.with(four).plan();
    assertThat(patient.start()).isZero();
    assertThat(patient.lookAgainAt()).contains(NOW.minus(SECOND).plus(Autoscaler.CROWDED_START));
    assertThat(many.with(slow).plan().start()).isEqualTo(4);
  }

  @Test
  void idleContainersLeaveWhenTheirWindowIsOverAndNotBefore() {
    ScalePlan plan = scene().with(idle(1, WINDOW), idle(2, SECOND)).plan();
    assertThat(plan.stop()).containsExactly(idle(1, WINDOW).task());
    assertThat(plan.lookAgainAt()).contains(NOW.minus(SECOND).plus(WINDOW));
  }

  @Test
  void theLeastNumberOfContainersIsKeptWithoutAnyInput() {
    ScalePlan plan = scene().with(settings(2, 0, 0, 1)).plan();
    assertThat(plan.start()).isEqualTo(2);
    assertThat(plan.reason()).isEqualTo("2 more, to keep min_containers=2");
    ScalePlan kept =
        scene().with(settings(2, 0, 0, 1)).with(idle(1, WINDOW), idle(2, WINDOW)).plan();
    assertThat(kept.stop()).isEmpty();
    assertThat(kept.reason()).isEqualTo("2 containers (2 idle)");
  }

  @Test
  void aBufferIsKeptBeyondThoseThatWorkAndOnlyWhileTheyDo() {
    Situations.Scene buffered = scene().with(settings(0, 0, 2, 1));
    assertThat(buffered.with(busy(1, SECOND)).plan().start()).isEqualTo(2);
    assertThat(buffered.with(busy(1, SECOND), idle(2, WINDOW), idle(3, WINDOW)).plan().stop())
        .isEmpty();
    assertThat(buffered.with(idle(2, WINDOW), idle(3, WINDOW)).plan().stop()).hasSize(2);
  }

  @Test
  void whenTheLimitIsLoweredIdleOnesLeaveAtOnceAndBusyOnesWhenTheyAreThrough() {
    ScalePlan plan =
        scene()
            .with(settings(0, 1, 0, 1))
            .waiting(5)
            .with(busy(1, SECOND), busy(2, MOMENT), idle(3, SECOND))
            .plan();
    assertThat(plan.stop()).containsExactly(idle(3, SECOND).task());
    assertThat(plan.retire()).containsExactly(busy(1, SECOND).task());
    assertThat(plan.reason()).isEqualTo("2 leave, because max_containers=1");
  }

  @Test
  void aContainerThatLeavesAndStillWorksCountsAgainstTheLimit() {
    ScalePlan plan =
        scene()
            .with(settings(0, 1, 0, 1))
            .waiting(1)
            .with(container(1, Phase.LEAVING, 1, NOW))
            .plan();
    assertThat(plan.start()).isZero();
    assertThat(plan.reason()).contains("max_containers=1");
  }

  @Test
  void concurrentInputsShareContainersUpToTheirTarget() {
    Situations.Scene shared =
        scene().cores(8).with(settings(0, 0, 0, 10)).with(pace(Duration.ofSeconds(30)));
    assertThat(shared.waiting(25).plan().start()).isEqualTo(3);
    assertThat(shared.waiting(9).with(container(1, Phase.READY, 1, NOW)).plan().start()).isZero();
    assertThat(shared.waiting(10).with(container(1, Phase.READY, 1, NOW)).plan().start())
        .isEqualTo(1);
  }

  @Test
  void aContainerThatWorksOnABatchHasNoRoomInIt() {
    Situations.Scene batched =
        scene()
            .with(new ScalingSettings(0, 0, 0, 10, Intake.BATCHED, WINDOW))
            .with(pace(Duration.ofSeconds(30)));
    assertThat(batched.waiting(5).with(busy(1, SECOND)).plan().start()).isEqualTo(1);
    assertThat(batched.waiting(5).with(idle(1, SECOND)).plan().start()).isZero();
  }

  @Test
  void aContainerForOneInputOnlyIsNoUseForTheNext() {
    Situations.Scene once =
        scene().with(new ScalingSettings(0, 0, 0, 1, Intake.ONCE, WINDOW)).with(pace(MOMENT));
    assertThat(once.waiting(3).with(container(1, Phase.LEAVING, 1, NOW)).plan().start())
        .isEqualTo(3);
  }

  @Test
  void whatFailedToStartIsNotTriedBeforeItsTime() {
    Instant later = NOW.plusSeconds(5);
    ScalePlan plan = scene().waiting(1).notBefore(later).plan();
    assertThat(plan.start()).isZero();
    assertThat(plan.lookAgainAt()).isEqualTo(Optional.of(later));
  }

  @Test
  void aStoppedAppKeepsNoContainer() {
    ScalePlan plan =
        new Autoscaler().decide(scene().waiting(3).with(busy(1, SECOND)).snapshot(false), NOW);
    assertThat(plan.stop()).containsExactly(busy(1, SECOND).task());
    assertThat(plan.start()).isZero();
  }
}
