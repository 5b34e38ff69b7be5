package dev.slipway.controlplane.image;

import dev.slipway.model.Digest;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;

/// What images need to know of mounts.
public interface ContextMounts {
  /// The checksum over paths, modes and contents of a mount that the workspace may use.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when the workspace has no such mount
  Digest checksum(WorkspaceId workspace, MountId mount);

  /// A sentence for the log of a build with this mount, when there is something to say about it.
  Optional<String> describe(MountId mount);
}
