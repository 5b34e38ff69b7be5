package dev.slipway.controlplane.image;

import dev.slipway.images.recipe.RecipeAsides;
import dev.slipway.images.recipe.RecipeParser;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.SecretId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One layer, as a client asks for it.
///
/// @param builderVersion such as `2025.06`
/// @param lines entries that make a Dockerfile when joined by newlines
/// @param parents images by the names under which FROM refers to them
/// @param secrets whose variables RUN steps see; the later one wins
/// @param registrySecret the login for the registry that the base comes from
/// @param function is called instead of steps
/// @param askedBy the app that asks: builds of different apps take turns
/// @param freshness what may answer
record ImageRequest(
    String builderVersion,
    List<String> lines,
    Map<String, String> buildArguments,
    Map<String, ImageId> parents,
    List<InlineFile> contextFiles,
    Optional<MountId> contextMount,
    List<SecretId> secrets,
    Optional<SecretId> registrySecret,
    Optional<FunctionStep> function,
    String askedBy,
    Freshness freshness) {
  ImageRequest {
    lines = List.copyOf(lines);
    buildArguments = Map.copyOf(buildArguments);
    parents = Map.copyOf(parents);
    contextFiles = List.copyOf(contextFiles);
    secrets = List.copyOf(secrets);
  }

  /// What the lines say beside their steps.
  RecipeAsides asides() {
    return function.isPresent() ? RecipeAsides.none() : RecipeParser.asides(lines, buildArguments);
  }

  /// What may answer a request.
  enum Freshness {
    /// An image that was built before.
    CACHED,
    /// Only a new build; its image takes the place of the one before.
    REBUILT,
    /// Only a new build; who asks without this goes on getting the one before.
    UNCACHED
  }
}
