package dev.slipway.controlplane.image;

import dev.slipway.images.plan.BuildContext;
import dev.slipway.images.web.Wanted;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What images need to know of mounts.
public interface ContextMounts {
  /// Sum of the sizes of the files of a mount, in bytes.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when the workspace has no such mount
  long requireVisible(WorkspaceId workspace, MountId mount);

  /// The files of a mount, by their paths.
  Map<String, BuildContext.File> files(MountId mount);

  /// Files that were fetched.
  ///
  /// @param mount has these files only, at its root
  record Fetched(MountId mount, List<String> names) {
    public Fetched {
      names = List.copyOf(names);
    }
  }

  /// Fetches files of the web and makes a mount of them for the workspace; of several with the same
  /// name the last one is in it.
  ///
  /// @throws dev.slipway.model.SlipwayException when one cannot be had, with the reason
  Fetched fetch(WorkspaceId workspace, List<Wanted> files) throws InterruptedException;

  /// A sentence for the log of a build with this mount, when there is something to say about it.
  Optional<String> describe(MountId mount);
}
