package dev.slipway.controlplane.object;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;

/// Where an object belongs and who asks for it.
///
/// @param user who is named as the maker
public record Owner(
    WorkspaceId workspace, EnvironmentId environment, String environmentName, String user) {}
