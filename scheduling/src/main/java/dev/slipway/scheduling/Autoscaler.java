package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Decides how many containers a function should have.
///
/// Promises, each held by a property test: a plan never exceeds `maxContainers`; it never stops a
/// container that works on an input while the app is active; it never stops below `minContainers`;
/// and when inputs wait and the limit allows, there is at least one container that is ready or on
/// its way.
public final class Autoscaler {
  /// Most containers of one function that start at the same time. Those that are ready first may
  /// take all that waits, and a machine that starts dozens at once starts none of them soon.
  static final int MAX_STARTING = 4;

  /// The plan for one function now.
  public ScalePlan decide(FunctionSnapshot function, Instant now) {
    List<ContainerSnapshot> counted =
        function.containers().stream().filter(ContainerSnapshot::counts).toList();
    if (!function.active()) {
      return new ScalePlan(
          0,
          counted.stream().map(ContainerSnapshot::task).toList(),
          "the app has stopped",
          Optional.empty());
    }
    int wanted = wanted(function, counted);
    int missing = wanted - counted.size();
    if (missing > 0) {
      return starting(function, counted, missing, now);
    }
    return leaving(function, counted, wanted, now);
  }

  private static int wanted(FunctionSnapshot function, List<ContainerSnapshot> counted) {
    ScalingSettings settings = function.settings();
    int running = counted.stream().mapToInt(ContainerSnapshot::runningInputs).sum();
    int busy = running + function.waitingInputs();
    int forInputs = Math.ceilDiv(busy, settings.inputsPerContainer());
    // A ready container that already has more than its share keeps its inputs: what waits needs
    // room
    // elsewhere, so containers are counted by their free places rather than by a plain division.
    int places =
        counted.stream()
            .mapToInt(c -> Math.max(0, settings.inputsPerContainer() - c.runningInputs()))
            .sum();
    int short_ = Math.max(0, function.waitingInputs() - places);
    int forWaiting = counted.size() + Math.ceilDiv(short_, settings.inputsPerContainer());
    int needed = short_ > 0 ? Math.max(forInputs, forWaiting) : forInputs;
    int buffered = busy > 0 ? needed + settings.bufferContainers() : needed;
    int floored = Math.max(buffered, settings.minContainers());
    return settings.maxContainers() == 0 ? floored : Math.min(floored, settings.maxContainers());
  }

  private static ScalePlan starting(
      FunctionSnapshot function, List<ContainerSnapshot> counted, int missing, Instant now) {
    if (now.isBefore(function.notBefore())) {
      return new ScalePlan(
          0,
          List.of(),
          "containers of this function failed to start; the next attempt is at "
              + function.notBefore(),
          Optional.of(function.notBefore()));
    }
    long underWay =
        counted.stream().filter(c -> c.phase() == ContainerSnapshot.Phase.STARTING).count();
    int starts = (int) Math.min(missing, MAX_STARTING - underWay);
    if (starts <= 0) {
      return new ScalePlan(
          0,
          List.of(),
          "%d more are wanted when some of the %d that start are ready"
              .formatted(missing, underWay),
          Optional.empty());
    }
    long idle = counted.stream().filter(c -> c.runningInputs() == 0).count();
    String reason =
        function.waitingInputs() > 0
            ? "%d more, because %d inputs wait and %d of %d containers are free or starting"
                .formatted(starts, function.waitingInputs(), idle, counted.size())
            : "%d more, to keep %d ready".formatted(starts, missing + counted.size());
    return new ScalePlan(starts, List.of(), reason, Optional.empty());
  }

  private static ScalePlan leaving(
      FunctionSnapshot function, List<ContainerSnapshot> counted, int wanted, Instant now) {
    List<ContainerSnapshot> idle =
        counted.stream()
            .filter(c -> c.phase() == ContainerSnapshot.Phase.READY && c.runningInputs() == 0)
            .sorted(Comparator.comparing(ContainerSnapshot::idleSince))
            .toList();
    // Containers above the limit leave at once; the others when their window is over.
    int limit = function.settings().maxContainers();
    int overLimit = limit == 0 ? 0 : Math.max(0, counted.size() - limit);
    int floor = Math.max(wanted, function.settings().minContainers());
    int mayLeave = Math.max(0, counted.size() - floor);
    List<TaskId> stop = new ArrayList<>();
    Optional<Instant> again = Optional.empty();
    for (ContainerSnapshot container : idle) {
      if (stop.size() >= mayLeave) {
        break;
      }
      Instant leavesAt = container.idleSince().plus(function.settings().scaledownWindow());
      if (stop.size() < overLimit || !now.isBefore(leavesAt)) {
        stop.add(container.task());
      } else {
        again = Optional.of(leavesAt);
        break;
      }
    }
    String reason =
        stop.isEmpty()
            ? "as many containers as needed"
            : "%d idle for %s, %d still needed"
                .formatted(stop.size(), function.settings().scaledownWindow(), floor);
    return new ScalePlan(0, stop, reason, again);
  }
}
