package dev.slipway.images.plan;

import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageId;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One layer to build.
///
/// @param key what the layer depends on, and nothing else: plans of equal keys make equal layers
public record BuildPlan(Digest key, Base base, List<RecipeStep> steps) {
  /// Raised when the meaning of a recipe changes, so that no layer of the old meaning is found.
  private static final String KEY_FORMAT = "slipway-layer-1";

  public BuildPlan {
    steps = List.copyOf(steps);
  }

  /// Plans the layer of a recipe. Build arguments are part of the steps that declare them; the
  /// context counts only where a step copies from it.
  ///
  /// @param builderVersion the client's image builder version, such as `2025.06`
  /// @param parents images by the names under which the recipe refers to them
  /// @param gpu what kind of accelerator the steps run on; empty for none
  /// @throws SlipwayException INVALID when the recipe starts from `base` and no such parent is
  ///   given
  public static BuildPlan of(
      String builderVersion,
      Recipe recipe,
      Map<String, ImageId> parents,
      BuildContext context,
      String gpu) {
    Base base = base(recipe, parents);
    LayerKey key = new LayerKey(KEY_FORMAT);
    key.add(builderVersion);
    switch (base) {
      case Base.Reference reference -> key.add("reference").add(reference.name());
      case Base.Parent parent -> key.add("parent").add(parent.image().value());
    }
    key.add(gpu);
    List<BuildStep> effective =
        recipe.steps().stream()
            .map(RecipeStep::step)
            .filter(step -> !(step instanceof BuildStep.Note))
            .toList();
    key.add(effective.size());
    effective.forEach(key::add);
    if (effective.stream().anyMatch(BuildStep.Copy.class::isInstance)) {
      key.add(context.files().size());
      new TreeMap<>(context.files()).forEach((path, digest) -> key.add(path).add(digest.hex()));
      key.add(context.mount().map(Digest::hex).orElse(""));
    }
    return new BuildPlan(key.digest(), base, recipe.steps());
  }

  private static Base base(Recipe recipe, Map<String, ImageId> parents) {
    ImageId parent = parents.get(recipe.base());
    if (parent != null) {
      return new Base.Parent(parent);
    }
    if (recipe.base().equals("base")) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the image's recipe starts with FROM base, and the request names no image for it");
    }
    return new Base.Reference(recipe.base());
  }
}
