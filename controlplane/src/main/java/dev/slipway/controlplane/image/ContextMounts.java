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

  /// A file that was fetched.
  ///
  /// @param mount has this file only, at its root
  record Fetched(MountId mount, String name) {}

  /// Fetches a file of the web and makes a mount of it for the workspace.
  ///
  /// @throws dev.slipway.model.SlipwayException when it cannot be had, with the reason
  Fetched fetch(WorkspaceId workspace, String address) throws InterruptedException;

  /// A sentence for the log of a build with this mount, when there is something to say about it.
  Optional<String> describe(MountId mount);
}
