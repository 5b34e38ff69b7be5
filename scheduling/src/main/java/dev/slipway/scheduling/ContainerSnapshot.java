package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Instant;

/// One container of a function at the moment of a decision.
///
/// @param runningInputs inputs that it works on now
/// @param since since when it does what it does: starts, has nothing to do, or works on the oldest
///   of its inputs
public record ContainerSnapshot(TaskId task, Phase phase, int runningInputs, Instant since) {

  /// What a container is good for.
  public enum Phase {
    /// Placed, not yet asking for inputs: it counts as capacity that is on its way.
    STARTING,
    /// Asking for inputs or working on them.
    READY,
    /// Takes no further input: it finishes those it has, if any, and is gone.
    LEAVING
  }

  /// Whether it can take inputs, now or soon.
  boolean counts() {
    return phase != Phase.LEAVING;
  }

  /// Whether it takes one of the containers that the function may have.
  boolean occupies() {
    return counts() || runningInputs > 0;
  }

  boolean busy() {
    return phase == Phase.READY && runningInputs > 0;
  }

  boolean idle() {
    return phase == Phase.READY && runningInputs == 0;
  }
}
