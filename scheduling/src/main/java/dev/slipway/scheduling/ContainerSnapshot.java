package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Instant;

/// One container of a function at the moment of a decision.
///
/// @param runningInputs inputs that it works on now
/// @param idleSince since when it has had nothing to do; for a starting container, since its
///   placement
public record ContainerSnapshot(TaskId task, Phase phase, int runningInputs, Instant idleSince) {

  /// What a container is good for.
  public enum Phase {
    /// Placed, not yet asking for inputs: it counts as capacity that is on its way.
    STARTING,
    /// Asking for inputs or working on them.
    READY,
    /// Told to leave: it counts for nothing but its machine's resources.
    LEAVING
  }

  boolean counts() {
    return phase != Phase.LEAVING;
  }
}
