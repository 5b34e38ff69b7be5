package dev.slipway.controlplane.function;

import dev.slipway.model.FunctionId;

/// What a function is doing now.
public interface FunctionStatistics {
  /// @param waitingInputs inputs that no container has taken
  /// @param runningInputs inputs that containers work on
  /// @param containers starting and running
  record Now(int waitingInputs, int runningInputs, int containers) {}

  Now of(FunctionId function);
}
