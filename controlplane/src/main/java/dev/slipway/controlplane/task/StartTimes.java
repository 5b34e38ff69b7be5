package dev.slipway.controlplane.task;

import dev.slipway.model.FunctionId;
import dev.slipway.scheduling.Pace;
import dev.slipway.scheduling.Typical;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/// How long containers take from their placement until they ask for inputs.
final class StartTimes {
  /// Functions that are remembered; past it all are forgotten and measured anew.
  private static final int MAX_REMEMBERED = 10_000;

  private final ConcurrentHashMap<FunctionId, Typical> ofFunctions = new ConcurrentHashMap<>();
  private volatile Typical ofAll = Typical.unknown();

  void add(FunctionId function, Duration time) {
    if (ofFunctions.size() >= MAX_REMEMBERED) {
      ofFunctions.clear();
    }
    ofFunctions.merge(function, Typical.unknown().with(time), (before, one) -> before.with(time));
    ofAll = ofAll.with(time);
  }

  /// Of this function if it is known, else of any, else a guess.
  Duration typical(FunctionId function) {
    return ofFunctions
        .getOrDefault(function, Typical.unknown())
        .value()
        .or(() -> ofAll.value())
        .orElse(Pace.USUAL_START);
  }
}
