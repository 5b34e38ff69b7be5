package dev.slipway.worker.rootfs;

import dev.slipway.model.MountId;

/// A mount that a container asks for.
///
/// @param compileBytecode whether its Python files belong to the platform: they are then compiled
///   once for each Python version
public record MountReference(MountId id, boolean compileBytecode) {}
