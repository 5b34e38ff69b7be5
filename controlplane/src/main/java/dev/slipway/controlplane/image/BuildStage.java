package dev.slipway.controlplane.image;

import dev.slipway.images.recipe.RecipeStep;
import java.util.List;

/// One layer of a build. A stage without steps makes none: it stands for its base.
///
/// @param layerId the layer that is made; a machine that has it already need not make it again
public record BuildStage(String layerId, BuildBase base, List<RecipeStep> steps) {
  public BuildStage {
    steps = List.copyOf(steps);
  }
}
