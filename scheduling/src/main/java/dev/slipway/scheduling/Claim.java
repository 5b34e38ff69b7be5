package dev.slipway.scheduling;

import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.Resources;
import java.time.Duration;
import java.time.Instant;

/// Containers that a function wants and does not have.
///
/// @param wanted how many, at least 1
/// @param has how many it has, starting ones included
/// @param inputsWait whether inputs wait for them; otherwise they are to be kept ready
/// @param fromInside whether inputs of containers wait for them to be there: those containers keep
///   their room until this function has had some
/// @param since since when it has wanted some
public record Claim(
    FunctionId function,
    AppId app,
    Resources resources,
    int wanted,
    int has,
    boolean inputsWait,
    boolean fromInside,
    Instant since) {
  Claim lessOne() {
    return new Claim(function, app, resources, wanted - 1, has + 1, inputsWait, fromInside, since);
  }

  /// Whether inputs have waited for so long without any container.
  boolean starvesFor(Duration time, Instant now) {
    return inputsWait && has == 0 && waited(time, now);
  }

  boolean waited(Duration time, Instant now) {
    return !now.isBefore(since.plus(time));
  }

  /// Between 0, it has none of what it asks for, and 1.
  double supplied() {
    return (double) has / (has + wanted);
  }
}
