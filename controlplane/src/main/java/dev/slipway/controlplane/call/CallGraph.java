package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.util.List;
import java.util.Optional;

/// A call, the calls that its inputs made, and so on; and likewise upwards.
///
/// @param truncated whether there is more than is shown
record CallGraph(List<GraphCall> calls, List<GraphInput> inputs, boolean truncated) {
  /// @param parent the input that made the call; empty for one that was made from outside
  record GraphCall(CallId id, FunctionId function, Optional<InputId> parent) {}

  /// @param task the container that worked on it last, or does
  /// @param status empty while it has no result
  record GraphInput(
      InputId id, CallId call, Optional<TaskId> task, Optional<OutcomeStatus> status) {}
}
