package dev.slipway.controlplane.function;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.scheduling.ScalingSettings;
import java.time.Duration;
import java.util.Optional;

/// What was changed of a function's scaling while it ran. What is empty keeps its value.
///
/// @param maxContainers 0 lifts the limit
record ScalingOverride(
    Optional<Integer> minContainers,
    Optional<Integer> maxContainers,
    Optional<Integer> bufferContainers,
    Optional<Integer> scaledownWindowSeconds) {

  static ScalingOverride none() {
    return new ScalingOverride(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// This one, where the newer one says nothing.
  ScalingOverride then(ScalingOverride newer) {
    return new ScalingOverride(
        newer.minContainers.or(() -> minContainers),
        newer.maxContainers.or(() -> maxContainers),
        newer.bufferContainers.or(() -> bufferContainers),
        newer.scaledownWindowSeconds.or(() -> scaledownWindowSeconds));
  }

  ScalingSettings applyTo(ScalingSettings settings) {
    return new ScalingSettings(
        minContainers.orElse(settings.minContainers()),
        maxContainers.orElse(settings.maxContainers()),
        bufferContainers.orElse(settings.bufferContainers()),
        settings.inputsPerContainer(),
        settings.intake(),
        scaledownWindowSeconds.map(Duration::ofSeconds).orElse(settings.scaledownWindow()));
  }

  /// Refuses values that no function may have.
  ScalingOverride requireValid(String function, ScalingSettings base) {
    bounded(function, "min_containers", minContainers, 0, FunctionTranslation.MAX_CONTAINERS);
    bounded(function, "max_containers", maxContainers, 0, FunctionTranslation.MAX_CONTAINERS);
    bounded(function, "buffer_containers", bufferContainers, 0, FunctionTranslation.MAX_CONTAINERS);
    bounded(
        function,
        "scaledown_window",
        scaledownWindowSeconds,
        1,
        FunctionTranslation.MAX_SCALEDOWN_SECONDS);
    ScalingSettings applied = applyTo(base);
    if (applied.maxContainers() > 0 && applied.minContainers() > applied.maxContainers()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "min_containers of function '%s' would be %d, above its max_containers of %d"
              .formatted(function, applied.minContainers(), applied.maxContainers()));
    }
    return this;
  }

  private static void bounded(
      String function, String setting, Optional<Integer> value, int least, int most) {
    if (value.isPresent() && (value.get() < least || value.get() > most)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "%s of function '%s' would be %d; expected %d to %d"
              .formatted(setting, function, Integer.toUnsignedLong(value.get()), least, most));
    }
  }
}
