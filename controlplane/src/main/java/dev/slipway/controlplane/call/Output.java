package dev.slipway.controlplane.call;

import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.Optional;

/// The final result of an input.
///
/// @param task the container that made it; empty when no container was involved
/// @param startedAt when that container took the input
public record Output(
    int index,
    InputId input,
    Outcome outcome,
    Optional<TaskId> task,
    Optional<Instant> startedAt,
    Instant createdAt) {

  boolean failed() {
    return outcome.status() != OutcomeStatus.SUCCESS;
  }
}
