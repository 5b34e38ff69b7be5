package dev.slipway.controlplane.log;

import dev.slipway.model.BuildId;
import dev.slipway.model.WorkspaceId;
import java.util.List;

/// What builds of images said. Clients ask for it as they ask for the log of an app, with the id of
/// the build in the place of the app's.
@FunctionalInterface
public interface BuildOutput {
  /// All that is kept of it, oldest first.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND when the workspace has no such build
  List<LogLine> require(WorkspaceId workspace, BuildId build);
}
