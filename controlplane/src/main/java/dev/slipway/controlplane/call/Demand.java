package dev.slipway.controlplane.call;

import dev.slipway.model.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What a function's calls ask of its containers at one moment.
///
/// @param waiting inputs that could run now
/// @param oldestWaiting since when the first of them has waited
/// @param delayed inputs that wait for their next attempt
/// @param loads what each container that ever asked for inputs is doing
/// @param service what one input takes, as measured lately
public record Demand(
    int waiting,
    Optional<Instant> oldestWaiting,
    int delayed,
    int running,
    Map<TaskId, Load> loads,
    Optional<Duration> service) {
  /// @param since since when it has had nothing to do, or has worked on the oldest of its inputs
  public record Load(int runningInputs, Instant since) {}

  public Demand {
    loads = Map.copyOf(loads);
  }
}
