package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What to do about a function's containers.
///
/// @param start how many to start
/// @param stop which to stop: they have nothing to do, or their app is over
/// @param retire which to give no more inputs; they finish what they have and leave
/// @param reason one sentence, repeated in the log
/// @param lookAgainAt when time alone will change the decision; empty when only an event can
public record ScalePlan(
    int start,
    List<TaskId> stop,
    List<TaskId> retire,
    String reason,
    Optional<Instant> lookAgainAt) {
  public ScalePlan {
    stop = List.copyOf(stop);
    retire = List.copyOf(retire);
  }
}
