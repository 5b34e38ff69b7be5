package dev.slipway.scheduling;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A function at the moment of a decision.
///
/// @param active whether its app still runs; otherwise every container leaves
/// @param waitingInputs inputs that no container has taken
/// @param oldestWaiting since when the oldest of them has waited
/// @param notBefore earliest time for another start, after containers that failed to start
/// @param pace how fast its containers start and work
/// @param cores of all machines together, which bound how many containers start side by side
/// @param saturated whether the processors of every machine have been working all the time lately
public record FunctionSnapshot(
    boolean active,
    ScalingSettings settings,
    int waitingInputs,
    Optional<Instant> oldestWaiting,
    List<ContainerSnapshot> containers,
    Instant notBefore,
    Pace pace,
    int cores,
    boolean saturated) {
  public FunctionSnapshot {
    containers = List.copyOf(containers);
  }

  /// How many containers take inputs, now or soon.
  public int usable() {
    return (int) containers.stream().filter(ContainerSnapshot::counts).count();
  }

  /// How many more inputs those containers take.
  public int headroom() {
    return containers.stream()
        .filter(ContainerSnapshot::counts)
        .mapToInt(container -> settings.places(container.runningInputs()))
        .sum();
  }
}
