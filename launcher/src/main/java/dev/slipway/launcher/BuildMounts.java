package dev.slipway.launcher;

import dev.slipway.controlplane.image.ContextMounts;
import dev.slipway.controlplane.mount.Mounts;
import dev.slipway.controlplane.supply.PlatformMounts;
import dev.slipway.model.Digest;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;

/// Images are made with what their workspace has, and with what the platform supplies.
record BuildMounts(Mounts mounts, PlatformMounts platform) implements ContextMounts {
  @Override
  public Digest checksum(WorkspaceId workspace, MountId mount) {
    mounts.requireVisible(workspace, mount);
    return mounts.checksum(mount);
  }

  @Override
  public Optional<String> describe(MountId mount) {
    return platform.describe(mount);
  }
}
