package dev.slipway.controlplane.function;

import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.SecretId;
import dev.slipway.model.WorkspaceId;
import java.util.List;

/// What containers of a function are made of.
public interface Ingredients {
  /// Refuses what the workspace does not have.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when the image or a mount is unknown or
  ///   somebody else's, CONFLICT when the image is not built
  void require(WorkspaceId workspace, ImageId image, List<MountId> mounts);

  /// Refuses secrets that the workspace does not have.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when one is unknown or somebody else's
  void requireSecrets(WorkspaceId workspace, List<SecretId> secrets);
}
