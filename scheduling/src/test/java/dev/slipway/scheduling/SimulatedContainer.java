package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A container in a simulation.
final class SimulatedContainer {
  final TaskId task;
  final SimulatedFunction function;
  final String workerId;
  final List<SimulatedFunction.Input> running = new ArrayList<>();
  ContainerSnapshot.Phase phase = ContainerSnapshot.Phase.STARTING;
  Instant since;

  SimulatedContainer(TaskId task, SimulatedFunction function, String workerId, Instant now) {
    this.task = task;
    this.function = function;
    this.workerId = workerId;
    this.since = now;
  }

  ContainerSnapshot snapshot() {
    return new ContainerSnapshot(task, phase, running.size(), since);
  }

  @Override
  public String toString() {
    return task + "@" + workerId + ":" + phase + "/" + running.size();
  }
}
