package dev.slipway.controlplane.image;

import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.RecipeState;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.images.recipe.References;
import dev.slipway.images.web.Wanted;
import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Files of the web that recipes add. They are fetched before a build is planned: a layer depends
/// on what was fetched, not on where it came from, so that an address with new contents makes a new
/// layer and one with the same contents does not.
///
/// Addresses may have variables of the recipe and of the image that it starts from, where that was
/// built here; what an image of a registry sets is not known yet.
final class Additions {
  private static final String ADD = "ADD ";

  private final ContextMounts mounts;

  Additions(ContextMounts mounts) {
    this.mounts = mounts;
  }

  /// The recipe with every address replaced by what is there now.
  ///
  /// @param configs of the images that stages start from, by name, as far as they are known
  /// @throws SlipwayException when a file cannot be had, with the step
  Recipe fetched(
      WorkspaceId workspace, Recipe recipe, Function<String, Optional<ImageConfig>> configs) {
    boolean none =
        recipe.stages().stream()
            .flatMap(stage -> stage.steps().stream())
            .noneMatch(step -> References.mayBeAddress(step.step()));
    if (none) {
      return recipe;
    }
    List<Recipe.Stage> stages = new ArrayList<>();
    List<RecipeState> ends = new ArrayList<>();
    for (Recipe.Stage stage : recipe.stages()) {
      RecipeState state =
          switch (stage.start()) {
            case Recipe.Start.Earlier earlier -> ends.get(earlier.stage());
            case Recipe.Start.Image image ->
                RecipeState.of(configs.apply(image.name()).orElseGet(ImageConfig::empty));
          };
      List<RecipeStep> steps = new ArrayList<>();
      for (RecipeStep step : stage.steps()) {
        BuildStep resolved = state.resolve(step.step());
        steps.addAll(fetched(workspace, step, resolved));
        state = state.with(resolved);
      }
      ends.add(state);
      stages.add(new Recipe.Stage(stage.name(), stage.start(), steps));
    }
    return new Recipe(stages);
  }

  private List<RecipeStep> fetched(WorkspaceId workspace, RecipeStep step, BuildStep resolved) {
    if (!step.source().regionMatches(true, 0, ADD, 0, ADD.length())) {
      return List.of(step);
    }
    try {
      References.refusal(resolved)
          .ifPresent(why -> {
            throw new SlipwayException(ErrorKind.UNSUPPORTED, why);
          });
      Optional<Digest> checksum = References.checksum(resolved);
      List<Wanted> wanted =
          References.addresses(resolved).stream()
              .map(address -> new Wanted(address, References.nameAtDestination(resolved), checksum))
              .toList();
      if (wanted.isEmpty()) {
        if (checksum.isPresent()) {
          throw new SlipwayException(
              ErrorKind.INVALID, "--checksum is for a file from the web, and this is none");
        }
        return List.of(step);
      }
      ContextMounts.Fetched files = mounts.fetch(workspace, wanted);
      return References.fetched(step.step(), resolved, files.mount(), files.names()).stream()
          .map(part -> new RecipeStep(step.number(), step.source(), part))
          .toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "the server is stopping", e);
    } catch (SlipwayException e) {
      throw new SlipwayException(
          e.kind(), "step %d (%s): %s".formatted(step.number(), step.source(), e.getMessage()), e);
    }
  }
}
