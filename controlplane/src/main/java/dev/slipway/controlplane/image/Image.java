package dev.slipway.controlplane.image;

import dev.slipway.model.BuildId;
import dev.slipway.model.Digest;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;

/// An image with its latest build.
///
/// @param key of the recipe
/// @param lastUsedAt when somebody last asked for it, give or take [ImageStore#USE_PRECISION]
/// @param build the attempt that made it, makes it now, or failed
record Image(
    ImageId id,
    WorkspaceId workspace,
    Digest key,
    String builderVersion,
    BuildId build,
    Instant startedAt,
    Instant lastUsedAt,
    State state) {

  Image with(State changed) {
    return new Image(id, workspace, key, builderVersion, build, startedAt, lastUsedAt, changed);
  }

  /// How far it is.
  sealed interface State {
    /// A build is queued or runs.
    record Building() implements State {}

    /// It can be used.
    record Built(ImageContents contents, Instant at) implements State {}

    /// There is no such image; the next request builds anew.
    record Failed(BuildOutcome.Failed failure, Instant at) implements State {}
  }
}
