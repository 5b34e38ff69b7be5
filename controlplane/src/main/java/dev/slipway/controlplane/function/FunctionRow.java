package dev.slipway.controlplane.function;

import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import java.time.Instant;
import java.util.Optional;

/// A function as it is kept. The definition is the client's own message, which it wants back
/// unchanged, so it is stored as it came.
///
/// @param base the function that this is a variant of
/// @param announcement what the client said before the definition, from which its first handle is
///   made
/// @param definition empty between announcement and definition
/// @param serializedParameters of a class, for its containers
/// @param options what the variant changes
record FunctionRow(
    FunctionId id,
    AppId app,
    Optional<FunctionId> base,
    String name,
    String definitionId,
    byte[] announcement,
    Optional<byte[]> definition,
    byte[] serializedParameters,
    byte[] options,
    Instant createdAt) {}
