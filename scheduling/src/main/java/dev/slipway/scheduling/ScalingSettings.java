package dev.slipway.scheduling;

import java.time.Duration;

/// How a function may scale.
///
/// @param minContainers kept even when nothing waits
/// @param maxContainers never exceeded; 0 is no limit of the function's own
/// @param bufferContainers kept ready beyond what the inputs need, while there are any
/// @param inputsPerContainer inputs that one container is meant to work on at the same time, at
///   least 1
/// @param scaledownWindow how long a container may be idle before it leaves
public record ScalingSettings(
    int minContainers,
    int maxContainers,
    int bufferContainers,
    int inputsPerContainer,
    Duration scaledownWindow) {
  public ScalingSettings {
    if (inputsPerContainer < 1) {
      throw new IllegalArgumentException(
          "a container works on at least 1 input, not " + inputsPerContainer);
    }
    if (minContainers < 0 || maxContainers < 0 || bufferContainers < 0) {
      throw new IllegalArgumentException("container counts cannot be negative");
    }
  }
}
