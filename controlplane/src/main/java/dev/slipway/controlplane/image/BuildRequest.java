package dev.slipway.controlplane.image;

import dev.slipway.images.recipe.RecipeAsides;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.model.BuildId;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a machine needs to build an image.
///
/// @param image the layer of the image itself
/// @param stages earlier stages, each behind those that it refers to
/// @param contextMounts files that COPY sees, rooted at `/`
/// @param contextFiles files that COPY sees above those of the mounts
/// @param secrets for RUN steps, and nobody else
/// @param login for the registries that bases come from
/// @param function is called instead of steps of the image
/// @param cacheScope whose builds share the directories of mounts of type cache
/// @param asides what the recipe says beside its steps
/// @param timeout how long all steps together may take
public record BuildRequest(
    BuildId id,
    BuildStage image,
    List<BuildStage> stages,
    List<MountId> contextMounts,
    List<InlineFile> contextFiles,
    SecretVariables secrets,
    Optional<RegistryLogin> login,
    Optional<FunctionStep> function,
    String cacheScope,
    RecipeAsides asides,
    Duration timeout,
    Resources resources) {
  public BuildRequest {
    stages = List.copyOf(stages);
    contextMounts = List.copyOf(contextMounts);
    contextFiles = List.copyOf(contextFiles);
  }
}
