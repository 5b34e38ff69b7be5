package dev.slipway.controlplane.call;

import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.util.List;

/// What calls need of the containers that serve them.
public interface Containers {
  /// The demand of a function has changed: more inputs wait, or are to be waited for.
  void demandChanged(FunctionId function);

  /// A container of the function has answered inputs, and is free for others.
  void worked(FunctionId function);

  /// Asks a container to give these inputs up; it answers each with an output.
  void cancelInputs(TaskId task, List<InputId> inputs);

  /// Ends a container at once.
  void kill(TaskId task, String reason);
}
