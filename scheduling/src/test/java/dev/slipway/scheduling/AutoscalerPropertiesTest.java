package dev.slipway.scheduling;

import static dev.slipway.scheduling.Situations.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.TaskId;
import dev.slipway.scheduling.ContainerSnapshot.Phase;
import dev.slipway.scheduling.ScalingSettings.Intake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/// The promises of [Autoscaler], over situations of every kind.
class AutoscalerPropertiesTest {
  private static ScalePlan plan(FunctionSnapshot function) {
    return new Autoscaler().decide(function, NOW);
  }

  private static long counted(FunctionSnapshot function) {
    return function.containers().stream().filter(ContainerSnapshot::counts).count();
  }

  private static int limit(FunctionSnapshot function) {
    int max = function.settings().maxContainers();
    return max == 0 ? Integer.MAX_VALUE : max;
  }

  @Property
  void neverMoreThanMaxContainers(@ForAll("situations") FunctionSnapshot function) {
    long occupied = function.containers().stream().filter(ContainerSnapshot::occupies).count();
    ScalePlan plan = plan(function);
    assertThat(occupied + plan.start()).isLessThanOrEqualTo(Math.max(occupied, limit(function)));
    if (counted(function) > limit(function)) {
      assertThat(counted(function) - plan.stop().size() - plan.retire().size())
          .isLessThanOrEqualTo(limit(function));
    }
  }

  @Property
  void neverStopsAContainerThatWorks(@ForAll("situations") FunctionSnapshot function) {
    List<TaskId> stopped = plan(function).stop();
    assertThat(function.containers())
        .filteredOn(container -> stopped.contains(container.task()))
        .allMatch(container -> container.runningInputs() == 0);
  }

  @Property
  void neverBelowMinContainers(@ForAll("situations") FunctionSnapshot function) {
    ScalePlan plan = plan(function);
    int floor = Math.min(function.settings().minContainers(), limit(function));
    assertThat(counted(function) - plan.stop().size() - plan.retire().size())
        .isGreaterThanOrEqualTo(Math.min(counted(function), floor));
  }

  @Property
  void nothingWaitsWithoutAnyContainerWhereOneIsPermitted(
      @ForAll("situations") FunctionSnapshot function) {
    long occupied = function.containers().stream().filter(ContainerSnapshot::occupies).count();
    if (function.waitingInputs() > 0 && occupied < limit(function)) {
      assertThat(counted(function) + plan(function).start()).isPositive();
    }
  }

  @Property
  void nothingLeavesForIdlenessWhileInputsWait(@ForAll("situations") FunctionSnapshot function) {
    if (function.waitingInputs() > 0 && counted(function) <= limit(function)) {
      assertThat(plan(function).stop()).isEmpty();
    }
  }

  @Property
  void aPlanThatOnlyTimeCanChangeSaysWhen(@ForAll("situations") FunctionSnapshot function) {
    assertThat(plan(function).lookAgainAt().orElse(Instant.MAX)).isAfter(NOW);
  }

  @Property
  void startsAndStopsAreNeverPlannedTogether(@ForAll("situations") FunctionSnapshot function) {
    ScalePlan plan = plan(function);
    assertThat(plan.start() == 0 || (plan.stop().isEmpty() && plan.retire().isEmpty())).isTrue();
    assertThat(plan.reason()).isNotBlank();
  }

  @Provide
  Arbitrary<FunctionSnapshot> situations() {
    return Combinators.combine(
            settings(),
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(0)),
                Tuple.of(3, Arbitraries.integers().between(1, 200))),
            container().list().ofMaxSize(15),
            pace(),
            Arbitraries.integers().between(1, 64),
            Arbitraries.integers().between(0, 20_000))
        .as((settings, waiting, containers, pace, cores, waitedMillis) ->
            new FunctionSnapshot(
                true,
                settings,
                waiting,
                waiting == 0 ? Optional.empty() : Optional.of(NOW.minusMillis(waitedMillis)),
                numbered(containers),
                Instant.EPOCH,
                pace,
                cores,
                waitedMillis % 2 == 0));
  }

  private static List<ContainerSnapshot> numbered(List<ContainerSnapshot> containers) {
    List<ContainerSnapshot> numbered = new ArrayList<>();
    for (ContainerSnapshot one : containers) {
      numbered.add(
          new ContainerSnapshot(
              new TaskId("ta-" + numbered.size()), one.phase(), one.runningInputs(), one.since()));
    }
    return numbered;
  }

  private static Arbitrary<ScalingSettings> settings() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 5),
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(1, 5),
            Arbitraries.of(Intake.class),
            Arbitraries.integers().between(2, 120))
        .as((min, max, buffer, inputs, intake, window) ->
            new ScalingSettings(min, max, buffer, inputs, intake, Duration.ofSeconds(window)));
  }

  private static Arbitrary<ContainerSnapshot> container() {
    return Combinators.combine(
            Arbitraries.of(Phase.class),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 200_000))
        .as((phase, running, millis) ->
            new ContainerSnapshot(
                new TaskId("ta-0"),
                phase,
                phase == Phase.STARTING ? 0 : running,
                NOW.minusMillis(millis)));
  }

  private static Arbitrary<Pace> pace() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 100_000).injectNull(0.3),
            Arbitraries.longs().between(1, 60_000))
        .as((service, start) ->
            new Pace(
                Optional.ofNullable(service).map(Duration::ofMillis), Duration.ofMillis(start)));
  }
}
