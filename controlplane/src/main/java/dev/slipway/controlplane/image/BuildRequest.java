package dev.slipway.controlplane.image;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildId;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import java.time.Duration;
import java.util.List;

/// What a machine needs to build one layer.
///
/// @param layerId the layer that is made; a machine that has it already need not make it again
/// @param contextMounts files that COPY sees, rooted at `/`
/// @param contextFiles files that COPY sees above those of the mounts
/// @param timeout how long all steps together may take
public record BuildRequest(
    BuildId id,
    String layerId,
    BuildBase base,
    List<RecipeStep> steps,
    List<MountId> contextMounts,
    List<InlineFile> contextFiles,
    Duration timeout,
    Resources resources) {
  public BuildRequest {
    steps = List.copyOf(steps);
    contextMounts = List.copyOf(contextMounts);
    contextFiles = List.copyOf(contextFiles);
  }
}
