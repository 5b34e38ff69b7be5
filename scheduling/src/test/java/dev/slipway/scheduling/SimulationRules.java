package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Duration;

/// What must hold in every simulation, at every moment.
final class SimulationRules {
  /// How long a function may have inputs and no container at all, whatever the others do: the turns
  /// of all others before it, each as long as its longest input.
  private static final Duration LONGEST_STARVATION = Duration.ofMinutes(15);

  private final Simulation simulation;
  Duration longestStarvation = Duration.ZERO;

  SimulationRules(Simulation simulation) {
    this.simulation = simulation;
  }

  void onPlan(SimulatedFunction function, ScalePlan plan) {
    long limit = limit(function);
    for (TaskId task : plan.stop()) {
      check(
          simulation.require(task).running.isEmpty(),
          "a container that works is stopped for scale-down",
          function);
    }
    check(
        plan.start() == 0 || function.occupied() + plan.start() <= limit,
        "more containers than max_containers are planned",
        function);
    long left = function.counted() - plan.stop().size() - plan.retire().size();
    check(
        left >= Math.min(function.counted(), Math.min(limit, function.settings.minContainers())),
        "fewer containers than min_containers are left",
        function);
  }

  void onAdmissions(Admissions admissions) {
    for (TaskId task : admissions.evict()) {
      SimulatedContainer container = simulation.require(task);
      check(container.running.isEmpty(), "a container that works is evicted", container.function);
      check(
          container.function.waiting.isEmpty(),
          "it is evicted while its own inputs wait",
          container.function);
    }
    for (SimulatedFunction function : simulation.functions) {
      long taken =
          function.containers.values().stream()
              .filter(
                  c -> admissions.evict().contains(c.task) || admissions.retire().contains(c.task))
              .count();
      check(
          taken == 0 || function.counted() - taken >= function.settings.minContainers(),
          "others take a container that must be kept",
          function);
    }
  }

  void afterDecision() {
    boolean nobodyLeaves =
        simulation.containers.values().stream()
            .noneMatch(c -> c.phase == ContainerSnapshot.Phase.LEAVING);
    boolean nobodyStarves =
        simulation.claims.values().stream()
            .noneMatch(claim -> claim.starvesFor(Admission.PATIENCE, simulation.now));
    for (SimulatedFunction function : simulation.functions) {
      starvation(function);
      boolean couldStart =
          function.starvingSince != null
              && !simulation.now.isBefore(function.loop.notBefore())
              && function.occupied() < limit(function);
      if (couldStart && nobodyLeaves && nobodyStarves) {
        check(
            simulation.workers.values().stream().noneMatch(w -> w.hasRoomFor(function.resources)),
            "inputs wait without a container while there is room",
            function);
      }
    }
    for (WorkerSnapshot worker : simulation.workers.values()) {
      if (worker.freeMemoryMib() < 0
          || worker.freeMilliCpu() < -(Placement.MOST_PROMISED_CPU - 1) * worker.milliCpu()) {
        throw new AssertionError("more is promised than there is: " + worker);
      }
    }
  }

  private void starvation(SimulatedFunction function) {
    if (function.waiting.isEmpty() || function.counted() > 0) {
      function.starvingSince = null;
      return;
    }
    if (function.starvingSince == null) {
      function.starvingSince = simulation.now;
    }
    Duration time = Duration.between(function.starvingSince, simulation.now);
    if (time.compareTo(longestStarvation) > 0) {
      longestStarvation = time;
    }
    check(
        time.compareTo(LONGEST_STARVATION) < 0,
        "inputs have waited for " + time + " without any container",
        function);
  }

  void atTheEnd() {
    int finished = simulation.functions.stream().mapToInt(f -> f.finished).sum();
    if (finished != simulation.inputs) {
      throw new AssertionError(
          finished + " of " + simulation.inputs + " inputs are done: " + simulation.functions);
    }
  }

  private static long limit(SimulatedFunction function) {
    int max = function.settings.maxContainers();
    return max == 0 ? Integer.MAX_VALUE : max;
  }

  private void check(boolean holds, String otherwise, SimulatedFunction function) {
    if (!holds) {
      throw new AssertionError(
          simulation.now
              + ": "
              + otherwise
              + ": "
              + function
              + "\n  workers "
              + simulation.workers.values()
              + "\n  claims "
              + simulation.claims.values()
              + "\n  containers "
              + simulation.containers.values());
    }
  }
}
