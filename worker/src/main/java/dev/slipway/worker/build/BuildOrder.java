package dev.slipway.worker.build;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.worker.layer.LayerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What is to be built.
///
/// @param layer the key of the recipe: whoever has this layer need not build it again
/// @param contextMounts files that COPY sees, rooted at `/`; the later one wins
/// @param contextFiles more of them, above those of the mounts
/// @param stages earlier stages of the recipe, each behind those that it refers to
/// @param secrets in the environment of commands and in their mounts, and nowhere else
/// @param proxies variables of commands, below all others
/// @param login for the registries that bases come from
/// @param cacheScope whose builds share the directories of mounts of type cache
/// @param timeout longest time of all steps together
public record BuildOrder(
    LayerId layer,
    Base base,
    List<RecipeStep> steps,
    List<MountId> contextMounts,
    List<ContextFile> contextFiles,
    List<Stage> stages,
    SecretVariables secrets,
    Map<String, String> proxies,
    Optional<RegistryLogin> login,
    String cacheScope,
    Duration timeout,
    Resources resources) {
  /// What is built on.
  public sealed interface Base {
    /// A name for the providers of base images.
    ///
    /// @param anew whether to look up what the name means now, however lately that was done
    record Reference(String name, boolean anew) implements Base {}

    /// An image that was built before.
    record Parent(List<LayerId> layers, ImageConfig config) implements Base {
      public Parent {
        layers = List.copyOf(layers);
      }
    }

    /// What an earlier stage made.
    record Earlier(int stage) implements Base {}
  }

  /// A stage of the recipe: a layer of its own, or its base when it has no steps.
  public record Stage(LayerId layer, Base base, List<RecipeStep> steps) {
    public Stage {
      steps = List.copyOf(steps);
    }
  }

  /// A small file that came with the recipe.
  public record ContextFile(String path, byte[] data) {}

  /// The stage that is the image.
  Stage image() {
    return new Stage(layer, base, steps);
  }

  /// How many steps all stages have together, but for those that are repeated; a line that became
  /// two of them is one.
  long stepCount() {
    return Stream.concat(stages.stream().map(Stage::steps), Stream.of(steps))
        .flatMap(List::stream)
        .mapToInt(RecipeStep::number)
        .filter(number -> number > 0)
        .distinct()
        .count();
  }

  public BuildOrder {
    steps = List.copyOf(steps);
    contextMounts = List.copyOf(contextMounts);
    contextFiles = List.copyOf(contextFiles);
    stages = List.copyOf(stages);
    proxies = Map.copyOf(proxies);
  }
}
