package dev.slipway.controlplane.image;

import dev.slipway.images.plan.BuildContext;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.Map;
import java.util.Optional;

/// What images need to know of mounts.
public interface ContextMounts {
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when the workspace has no such mount
  void requireVisible(WorkspaceId workspace, MountId mount);

  /// The files of a mount, by their paths.
  Map<String, BuildContext.File> files(MountId mount);

  /// Sum of the sizes of its files.
  long sizeBytes(MountId mount);

  /// A sentence for the log of a build with this mount, when there is something to say about it.
  Optional<String> describe(MountId mount);
}
