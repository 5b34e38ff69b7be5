package dev.slipway.controlplane.call;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;

/// What the inputs' edge has to know of the containers that call it.
public interface ServingTasks {
  /// The function that a live container serves.
  FunctionId requireFunction(TaskId task);

  /// It asks for inputs.
  void asks(TaskId task);

  /// It is given inputs now; returns whether it had been before.
  boolean servedBefore(TaskId task, boolean servesNow);
}
