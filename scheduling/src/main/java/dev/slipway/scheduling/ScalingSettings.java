package dev.slipway.scheduling;

import java.time.Duration;

/// How a function may scale.
///
/// @param minContainers kept even when nothing waits
/// @param maxContainers never exceeded; 0 is no limit of the function's own
/// @param bufferContainers kept ready beyond what the inputs need, while there are any
/// @param inputsPerContainer inputs that one container is meant to work on at the same time, at
///   least 1
/// @param intake how a container takes its inputs
/// @param scaledownWindow how long a container may be idle before it leaves
public record ScalingSettings(
    int minContainers,
    int maxContainers,
    int bufferContainers,
    int inputsPerContainer,
    Intake intake,
    Duration scaledownWindow) {

  /// How a container takes its inputs.
  public enum Intake {
    /// One whenever it has room for one.
    SEPARATE,
    /// Several at once, and none until all of them are done.
    BATCHED,
    /// One in its life.
    ONCE
  }

  public ScalingSettings {
    if (inputsPerContainer < 1) {
      throw new IllegalArgumentException(
          "a container works on at least 1 input, not " + inputsPerContainer);
    }
    if (minContainers < 0 || maxContainers < 0 || bufferContainers < 0) {
      throw new IllegalArgumentException("container counts cannot be negative");
    }
  }

  public ScalingSettings withScaledownWindow(Duration window) {
    return new ScalingSettings(
        minContainers, maxContainers, bufferContainers, inputsPerContainer, intake, window);
  }

  /// How many more inputs a container takes that works on `running` already.
  int places(int running) {
    return switch (intake) {
      case SEPARATE -> Math.max(0, inputsPerContainer - running);
      case BATCHED -> running > 0 ? 0 : inputsPerContainer;
      case ONCE -> running > 0 ? 0 : 1;
    };
  }

  /// What a fresh container takes.
  int placesOfOne() {
    return places(0);
  }
}
