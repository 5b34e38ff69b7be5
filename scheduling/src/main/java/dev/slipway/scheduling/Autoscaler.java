package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Decides how many containers a function should have.
///
/// Promises, each held by a property test: no more containers than `maxContainers` ever work, start
/// or wait for work; a plan never stops a container that works on an input while the app is active;
/// it never stops below `minContainers`; and when inputs wait and the limit allows, there is at
/// least one container that is ready or on its way.
public final class Autoscaler {
  /// Fewest containers of one function that may start at the same time; it is two for each core
  /// where that is more. A machine that starts dozens at once starts none of them soon.
  static final int LEAST_STARTING = 4;

  static final int STARTING_PER_CORE = 2;

  /// A container that has been starting for this long waits for something else than the processor
  /// (a download, a model that loads), and is not counted among those that start.
  static final Duration CROWDED_START = Duration.ofSeconds(3);

  /// The plan for one function now.
  public ScalePlan decide(FunctionSnapshot function, Instant now) {
    List<ContainerSnapshot> counted =
        function.containers().stream().filter(ContainerSnapshot::counts).toList();
    if (!function.active()) {
      return new ScalePlan(
          0,
          counted.stream().map(ContainerSnapshot::task).toList(),
          List.of(),
          "its app has stopped",
          Optional.empty());
    }
    Sizing.Need need = Sizing.of(function, now);
    int wanted = wanted(function.settings(), need, function.waitingInputs());
    return wanted > counted.size()
        ? starting(function, counted, wanted, need, now)
        : leaving(function, counted, wanted, need, now);
  }

  private static int limit(ScalingSettings settings) {
    return settings.maxContainers() == 0 ? Integer.MAX_VALUE : settings.maxContainers();
  }

  private static int wanted(ScalingSettings settings, Sizing.Need need, int waiting) {
    boolean active = waiting > 0 || need.containers() > 0;
    int buffered = need.containers() + (active ? settings.bufferContainers() : 0);
    return Math.min(Math.max(buffered, settings.minContainers()), limit(settings));
  }

  private static ScalePlan starting(
      FunctionSnapshot function,
      List<ContainerSnapshot> counted,
      int wanted,
      Sizing.Need need,
      Instant now) {
    if (now.isBefore(function.notBefore())) {
      return waiting(
          "containers of this function failed to start; the next attempt is at "
              + function.notBefore(),
          Optional.of(function.notBefore()));
    }
    long occupied = function.containers().stream().filter(ContainerSnapshot::occupies).count();
    int missing = wanted - counted.size();
    long permitted = Math.min(missing, limit(function.settings()) - occupied);
    if (permitted <= 0) {
      return waiting(
          "%d more are wanted; max_containers=%d allows none until one that leaves is through"
              .formatted(missing, function.settings().maxContainers()),
          need.lookAgainAt());
    }
    List<ContainerSnapshot> crowd =
        counted.stream()
            .filter(c -> c.phase() == ContainerSnapshot.Phase.STARTING)
            .filter(c -> now.isBefore(c.since().plus(CROWDED_START)))
            .toList();
    int together = Math.max(LEAST_STARTING, STARTING_PER_CORE * function.cores());
    int starts = (int) Math.min(permitted, together - crowd.size());
    Optional<Instant> crowdIsOver =
        starts == permitted
            ? Optional.empty()
            : crowd.stream().map(c -> c.since().plus(CROWDED_START)).min(Comparator.naturalOrder());
    Optional<Instant> again = earliest(crowdIsOver, need.lookAgainAt());
    if (starts <= 0) {
      return waiting(
          "%d more are wanted when some of the %d that start are ready"
              .formatted(missing, crowd.size()),
          again);
    }
    return new ScalePlan(starts, List.of(), List.of(), why(function, counted, starts, need), again);
  }

  private static ScalePlan waiting(String reason, Optional<Instant> again) {
    return new ScalePlan(0, List.of(), List.of(), reason, again);
  }

  private static String why(
      FunctionSnapshot function, List<ContainerSnapshot> counted, int starts, Sizing.Need need) {
    if (function.waitingInputs() == 0) {
      return need.containers() == 0
          ? "%d more, to keep min_containers=%d"
              .formatted(starts, function.settings().minContainers())
          : "%d more, to keep %d ready beyond the %d that work"
              .formatted(starts, function.settings().bufferContainers(), need.containers());
    }
    return "%d more, because %s and %s"
        .formatted(starts, inputsWait(function.waitingInputs()), Containers.text(counted));
  }

  static String inputsWait(int waiting) {
    return waiting == 1 ? "1 input waits" : waiting + " inputs wait";
  }

  private static ScalePlan leaving(
      FunctionSnapshot function,
      List<ContainerSnapshot> counted,
      int wanted,
      Sizing.Need need,
      Instant now) {
    // Containers above the limit leave at once; the others when their window is over.
    int overLimit = Math.max(0, counted.size() - limit(function.settings()));
    List<ContainerSnapshot> candidates =
        Stream.concat(
                counted.stream()
                    .filter(ContainerSnapshot::idle)
                    .sorted(Comparator.comparing(ContainerSnapshot::since)),
                counted.stream().filter(c -> c.phase() == ContainerSnapshot.Phase.STARTING))
            .toList();
    List<TaskId> stop = new ArrayList<>();
    Optional<Instant> again = need.lookAgainAt();
    for (ContainerSnapshot container : candidates) {
      boolean above = stop.size() < overLimit;
      if (stop.size() >= counted.size() - wanted || !(above || container.idle())) {
        break;
      }
      Instant leavesAt = container.since().plus(function.settings().scaledownWindow());
      if (!above && function.waitingInputs() > 0) {
        // One that is free while inputs wait is about to take some.
        break;
      }
      if (!above && now.isBefore(leavesAt)) {
        again = earliest(again, Optional.of(leavesAt));
        break;
      }
      stop.add(container.task());
    }
    List<TaskId> retire =
        counted.stream()
            .filter(ContainerSnapshot::busy)
            .sorted(Comparator.comparing(ContainerSnapshot::since))
            .limit(Math.max(0, overLimit - stop.size()))
            .map(ContainerSnapshot::task)
            .toList();
    return new ScalePlan(
        0, stop, retire, whyNoMore(function, counted, wanted, need, stop, retire), again);
  }

  private static String whyNoMore(
      FunctionSnapshot function,
      List<ContainerSnapshot> counted,
      int wanted,
      Sizing.Need need,
      List<TaskId> stop,
      List<TaskId> retire) {
    ScalingSettings settings = function.settings();
    if (!retire.isEmpty() || counted.size() > limit(settings)) {
      return "%d leave, because max_containers=%d"
          .formatted(stop.size() + retire.size(), settings.maxContainers());
    }
    if (!stop.isEmpty()) {
      return "%d leave, idle for %s; %d still needed"
          .formatted(stop.size(), Durations.text(settings.scaledownWindow()), wanted);
    }
    String have = Containers.text(counted);
    if (function.waitingInputs() == 0) {
      return have;
    }
    String waits = inputsWait(function.waitingInputs()) + " and " + have;
    if (settings.maxContainers() > 0 && counted.size() >= settings.maxContainers()) {
      return waits + "; max_containers=" + settings.maxContainers() + " allows no more";
    }
    return need.reason().isEmpty() ? waits : waits + "; " + need.reason();
  }

  private static Optional<Instant> earliest(Optional<Instant> one, Optional<Instant> other) {
    return Stream.concat(one.stream(), other.stream()).min(Comparator.naturalOrder());
  }
}
