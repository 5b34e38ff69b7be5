package dev.slipway.controlplane.mount;

import dev.slipway.model.MountId;

/// Mounts that clients ask for by a name without having sent them: the platform supplies them.
@FunctionalInterface
public interface GlobalMounts {
  /// The mount of that name, made first when it must be. Fails with `NOT_FOUND` when the platform
  /// supplies no such mount.
  MountId require(String name);
}
