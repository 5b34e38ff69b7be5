package dev.slipway.controlplane.task;

import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.model.Resources;
import dev.slipway.model.TaskId;

/// Writes the order to start a container. May take as long as it takes to fetch what is missing.
@FunctionalInterface
public interface StartOrders {
  StartOrder write(TaskId task, FunctionSpec spec, Resources resources);
}
