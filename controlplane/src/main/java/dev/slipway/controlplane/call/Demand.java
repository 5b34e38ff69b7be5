package dev.slipway.controlplane.call;

import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.Map;

/// What a function's calls ask of its containers at one moment.
///
/// @param waiting inputs that could run now
/// @param delayed inputs that wait for their next attempt
/// @param loads what each container that ever asked for inputs is doing
public record Demand(int waiting, int delayed, int running, Map<TaskId, Load> loads) {
  /// @param idleSince since when it has had nothing to do; meaningless while it has
  public record Load(int runningInputs, Instant idleSince) {}

  public Demand {
    loads = Map.copyOf(loads);
  }
}
