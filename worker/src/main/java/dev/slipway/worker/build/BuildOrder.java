package dev.slipway.worker.build;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.worker.layer.LayerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What is to be built.
///
/// @param layer the key of the recipe: whoever has this layer need not build it again
/// @param contextMounts files that COPY sees, rooted at `/`; the later one wins
/// @param contextFiles more of them, above those of the mounts
/// @param secrets in the environment of commands, and nowhere else
/// @param timeout longest time of all steps together
public record BuildOrder(
    LayerId layer,
    Base base,
    List<RecipeStep> steps,
    List<MountId> contextMounts,
    List<ContextFile> contextFiles,
    Map<String, String> secrets,
    Duration timeout,
    Resources resources) {
  /// What is built on.
  public sealed interface Base {
    /// A name for the providers of base images.
    record Reference(String name) implements Base {}

    /// An image that was built before.
    record Parent(List<LayerId> layers, ImageConfig config) implements Base {
      public Parent {
        layers = List.copyOf(layers);
      }
    }
  }

  /// A small file that came with the recipe.
  public record ContextFile(String path, byte[] data) {}

  public BuildOrder {
    steps = List.copyOf(steps);
    contextMounts = List.copyOf(contextMounts);
    contextFiles = List.copyOf(contextFiles);
    secrets = Map.copyOf(secrets);
  }
}
