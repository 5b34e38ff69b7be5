package dev.slipway.controlplane.object;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.Optional;

/// An object that programs share.
///
/// @param id with the kind's prefix
/// @param name empty for an ephemeral object
public record SharedObject(
    String id,
    ObjectKind kind,
    WorkspaceId workspace,
    EnvironmentId environment,
    Optional<String> name,
    Instant createdAt,
    String createdBy) {}
