package dev.slipway.controlplane.workspace;

import dev.slipway.model.WorkspaceId;

/// The outermost border of what an identity can see.
///
/// @param name as the clients show it, and as it appears in web addresses
public record Workspace(WorkspaceId id, String name) {}
