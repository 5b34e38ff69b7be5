package dev.slipway.controlplane.workspace;

import dev.slipway.model.WorkspaceId;
import java.time.Instant;

/// What proves that a client belongs to a workspace.
///
/// @param name where it came from, for people
record Token(
    String id, WorkspaceId workspace, String name, SecretDigest digest, Instant createdAt) {}
