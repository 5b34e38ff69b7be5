package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppState;
import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import java.time.Instant;
import java.util.Optional;

/// A function as it is kept, or a variant of one.
///
/// @param base the function that this is a variant of
/// @param latestDefinition id of the definition that arrived last; empty between the announcement
///   and the first, and for variants
/// @param announcement what the client said before the definition, from which its first handle is
///   made
/// @param serializedParameters of a class, for its containers
/// @param options what the variant changes
/// @param pin keeps a variant with one version of its app
record FunctionRow(
    FunctionId id,
    AppId app,
    Optional<FunctionId> base,
    String name,
    Optional<String> latestDefinition,
    byte[] announcement,
    byte[] serializedParameters,
    byte[] options,
    Optional<Pin> pin,
    Instant createdAt) {

  /// A version of the app, and the function's definition in it.
  record Pin(int version, String definitionId) {}

  /// The function that has the definitions.
  FunctionId root() {
    return base.orElse(id);
  }

  /// Whether the app, its own, was deployed without it. Nobody calls it then any more but what
  /// still runs in containers of earlier versions.
  boolean isRemovedFrom(App owner) {
    return owner.state() == AppState.DEPLOYED
        && pin.isEmpty()
        && !owner.published().definitionIds().containsKey(root().value());
  }

  FunctionRow withLatestDefinition(String definitionId) {
    return new FunctionRow(
        id,
        app,
        base,
        name,
        Optional.of(definitionId),
        announcement,
        serializedParameters,
        options,
        pin,
        createdAt);
  }
}
