package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// One version of a deployed app.
///
/// @param deployedBy name of whoever asked for it
/// @param tag the deployer's own name for the version; may be empty
/// @param commit the state of the source tree, in the client's own form
/// @param source the version that this one repeats
public record Deployment(
    AppId app,
    int version,
    DeploymentKind kind,
    Publication published,
    String clientVersion,
    String deployedBy,
    String tag,
    Optional<byte[]> commit,
    OptionalInt source,
    Instant deployedAt) {

  /// Who deploys, and what is noted about it.
  public record Note(
      String clientVersion, String deployedBy, String tag, Optional<byte[]> commit) {}
}
