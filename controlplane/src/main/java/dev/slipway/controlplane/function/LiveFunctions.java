package dev.slipway.controlplane.function;

import dev.slipway.model.FunctionId;

/// What functions are doing now, and the one who decides on their containers.
public interface LiveFunctions {
  /// @param waitingInputs inputs that no container has taken
  /// @param runningInputs inputs that containers work on
  /// @param containers starting and running
  /// @param headroom inputs that these containers could take beyond what they work on
  record Now(int waitingInputs, int runningInputs, int containers, int headroom) {}

  Now now(FunctionId function);

  /// Whether inputs wait and no further container can be had for them.
  boolean isFull(FunctionId function);

  /// Its scaling settings have changed.
  void settingsChanged(FunctionId function);
}
