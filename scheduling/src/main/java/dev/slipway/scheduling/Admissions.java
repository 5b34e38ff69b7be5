package dev.slipway.scheduling;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who gets room.
///
/// @param grants in order; each starts one container
/// @param evict containers with nothing to do that give up their room
/// @param retire containers that are given no more inputs, so that others get their room in turn
/// @param waits why each claim that is not met waits
/// @param impossible the functions among those that no attached worker can ever run
/// @param lookAgainAt when time alone will change the decision
public record Admissions(
    List<Grant> grants,
    List<TaskId> evict,
    List<TaskId> retire,
    Map<FunctionId, String> waits,
    Set<FunctionId> impossible,
    Optional<Instant> lookAgainAt) {
  /// One container of the function goes to this worker.
  ///
  /// @param reason one sentence, repeated in the log
  public record Grant(FunctionId function, String workerId, String reason) {}

  public Admissions {
    grants = List.copyOf(grants);
    evict = List.copyOf(evict);
    retire = List.copyOf(retire);
    waits = Map.copyOf(waits);
    impossible = Set.copyOf(impossible);
  }
}
