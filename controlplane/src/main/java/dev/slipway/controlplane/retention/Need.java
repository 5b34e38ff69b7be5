package dev.slipway.controlplane.retention;

import dev.slipway.model.WorkspaceId;

/// Why something is kept.
///
/// @param workspace whom the sentence is for
public record Need(WorkspaceId workspace, String sentence) {}
