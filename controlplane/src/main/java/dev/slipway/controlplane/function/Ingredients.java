package dev.slipway.controlplane.function;

import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.List;

/// What containers of a function are made of.
@FunctionalInterface
public interface Ingredients {
  /// Refuses what the workspace does not have.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when the image or a mount is unknown or
  ///   somebody else's, CONFLICT when the image is not built
  void require(WorkspaceId workspace, ImageId image, List<MountId> mounts);
}
