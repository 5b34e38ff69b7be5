package dev.slipway.controlplane.image;

import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.List;

/// An image, as it matters to what machines keep.
///
/// @param layerIds bottom to top
/// @param lastUsed when somebody last asked for it
/// @param building whether it is being built; its layers are not all known then
/// @param name one that it is published under; empty when there is none
public record KeptImage(
    ImageId id,
    WorkspaceId workspace,
    List<String> layerIds,
    Instant lastUsed,
    boolean building,
    String name) {
  public KeptImage {
    layerIds = List.copyOf(layerIds);
  }
}
