package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;

/// The sentences in which functions that cannot be had are refused.
final class Refusals {
  private Refusals() {}

  static SlipwayException missing(FunctionId id) {
    return new SlipwayException(ErrorKind.NOT_FOUND, "There is no function '" + id + "'");
  }

  static SlipwayException missingIn(AppId app, FunctionId id) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND, "There is no function '" + id + "' in app '" + app + "'");
  }

  static SlipwayException undefined(FunctionRow row) {
    return new SlipwayException(
        ErrorKind.CONFLICT, "function '" + row.name() + "' was announced but never defined");
  }

  static SlipwayException withoutDefinition(FunctionId function, String id) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND, "The function '%s' has no definition '%s'".formatted(function, id));
  }

  static SlipwayException removed(FunctionRow row, App app) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND,
        "The function '%s' is not part of version %d of the app '%s', which is the valid one"
            .formatted(row.name(), app.version(), app.name().orElse(app.description())));
  }
}
