package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.TaskId;
import dev.slipway.scheduling.ContainerSnapshot.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AutoscalerTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final Duration WINDOW = Duration.ofSeconds(60);
  private static final ScalingSettings USUAL = new ScalingSettings(0, 0, 0, 1, WINDOW);

  private final Autoscaler autoscaler = new Autoscaler();

  private static ContainerSnapshot container(int number, Phase phase, int running, Instant idle) {
    return new ContainerSnapshot(new TaskId("ta-" + number), phase, running, idle);
  }

  private ScalePlan decide(
      ScalingSettings settings, int waiting, List<ContainerSnapshot> containers) {
    return autoscaler.decide(
        new FunctionSnapshot(true, settings, waiting, containers, Instant.EPOCH), NOW);
  }

  @Test
  void oneInputAndNoContainerStartsOne() {
    ScalePlan plan = decide(USUAL, 1, List.of());
    assertThat(plan.start()).isEqualTo(1);
    assertThat(plan.reason()).contains("1 inputs wait and 0 of 0");
  }

  @Test
  void aThousandInputsStartAFewContainersAtATime() {
    assertThat(decide(USUAL, 1_000, List.of()).start()).isEqualTo(Autoscaler.MAX_STARTING);

    List<ContainerSnapshot> starting =
        IntStream.range(0, Autoscaler.MAX_STARTING)
            .mapToObj(number -> container(number, Phase.STARTING, 0, NOW))
            .toList();
    ScalePlan patient = decide(USUAL, 1_000, starting);
    assertThat(patient.start()).isZero();
    assertThat(patient.stop()).isEmpty();

    List<ContainerSnapshot> oneReady = new ArrayList<>(starting);
    oneReady.set(0, container(0, Phase.READY, 1, NOW));
    assertThat(decide(USUAL, 1_000, oneReady).start()).isEqualTo(1);
  }

  @Test
  void idleContainersLeaveWhenTheirWindowIsOverAndNotBefore() {
    ContainerSnapshot old = container(1, Phase.READY, 0, NOW.minus(WINDOW));
    ContainerSnapshot young = container(2, Phase.READY, 0, NOW.minusSeconds(1));
    ScalePlan plan = decide(USUAL, 0, List.of(old, young));
    assertThat(plan.stop()).containsExactly(old.task());
    assertThat(plan.lookAgainAt()).contains(NOW.minusSeconds(1).plus(WINDOW));
  }

  @Test
  void whatFailedToStartIsNotTriedBeforeItsTime() {
    Instant later = NOW.plusSeconds(5);
    ScalePlan plan = autoscaler.decide(new FunctionSnapshot(true, USUAL, 1, List.of(), later), NOW);
    assertThat(plan.start()).isZero();
    assertThat(plan.lookAgainAt()).contains(later);
  }

  @Test
  void aStoppedAppKeepsNoContainer() {
    ContainerSnapshot busy = container(1, Phase.READY, 1, NOW);
    ScalePlan plan =
        autoscaler.decide(new FunctionSnapshot(false, USUAL, 3, List.of(busy), Instant.EPOCH), NOW);
    assertThat(plan.stop()).containsExactly(busy.task());
    assertThat(plan.start()).isZero();
  }

  /// The promises of [Autoscaler], over many random situations.
  @Test
  void noPlanBreaksAPromise() {
    Random random = new Random(11);
    for (int round = 0; round < 20_000; round++) {
      int most = random.nextInt(12);
      int least = most == 0 ? random.nextInt(3) : random.nextInt(Math.min(3, most) + 1);
      ScalingSettings settings =
          new ScalingSettings(least, most, random.nextInt(3), 1 + random.nextInt(4), WINDOW);
      int existing = random.nextInt(most == 0 ? 10 : most + 1);
      List<ContainerSnapshot> containers = new ArrayList<>();
      for (int number = 0; number < existing; number++) {
        Phase phase = Phase.values()[random.nextInt(3)];
        int running = phase == Phase.READY ? random.nextInt(4) : 0;
        Instant idleSince = NOW.minusSeconds(random.nextInt(120));
        containers.add(container(number, phase, running, idleSince));
      }
      int waiting = random.nextInt(30);
      hold(settings, waiting, containers, decide(settings, waiting, containers));
    }
  }

  private static void hold(
      ScalingSettings settings, int waiting, List<ContainerSnapshot> containers, ScalePlan plan) {
    long counted = containers.stream().filter(c -> c.phase() != Phase.LEAVING).count();
    long starting = containers.stream().filter(c -> c.phase() == Phase.STARTING).count();
    String situation = settings + " " + waiting + " " + containers + " " + plan;
    if (settings.maxContainers() > 0) {
      assertThat(counted + plan.start())
          .as(situation)
          .isLessThanOrEqualTo(Math.max(counted, settings.maxContainers()));
    }
    assertThat(plan.start() == 0 || starting + plan.start() <= Autoscaler.MAX_STARTING)
        .as(situation)
        .isTrue();
    assertThat(containers)
        .as(situation)
        .filteredOn(container -> plan.stop().contains(container.task()))
        .allMatch(container -> container.runningInputs() == 0);
    assertThat(counted - plan.stop().size())
        .as(situation)
        .isGreaterThanOrEqualTo(Math.min(counted, settings.minContainers()));
    if (waiting > 0) {
      assertThat(counted + plan.start()).as(situation).isPositive();
    }
  }
}
