package dev.slipway.scheduling;

import java.time.Instant;
import java.util.List;

/// A function at the moment of a decision.
///
/// @param active whether its app still runs; otherwise every container leaves
/// @param waitingInputs inputs that no container has taken
/// @param notBefore earliest time for another start, after containers that failed to start
public record FunctionSnapshot(
    boolean active,
    ScalingSettings settings,
    int waitingInputs,
    List<ContainerSnapshot> containers,
    Instant notBefore) {
  public FunctionSnapshot {
    containers = List.copyOf(containers);
  }
}
