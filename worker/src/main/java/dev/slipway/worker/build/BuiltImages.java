package dev.slipway.worker.build;

import dev.slipway.model.ImageConfig;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// Keeps what is known of a built image in its topmost layer, as `image.json`.
final class BuiltImages {
  private static final String FILE = "image.json";

  private final LayerStore layers;
  private final JsonMapper json = JsonMapper.builder().build();

  BuiltImages(LayerStore layers) {
    this.layers = layers;
  }

  /// The form on the disk.
  record Kept(
      List<String> layers,
      Map<String, String> environment,
      String workingDirectory,
      List<String> entrypoint,
      List<String> command,
      List<String> shell,
      String user,
      String pythonVersionInfo,
      Map<String, String> pythonPackages,
      String libcVersionInfo,
      String baseDigest) {}

  /// Writes what is known beside the files of a layer that is about to be committed.
  ///
  /// @param layerIds of the image, with the new one at the end
  void keep(
      LayerStaging staging,
      List<LayerId> layerIds,
      ImageConfig config,
      ImageFacts.Facts facts,
      String baseDigest)
      throws IOException {
    Kept kept =
        new Kept(
            layerIds.stream().map(LayerId::value).toList(),
            new LinkedHashMap<>(config.environment()),
            config.workingDirectory(),
            config.entrypoint(),
            config.command(),
            config.shell(),
            config.user(),
            facts.pythonVersionInfo(),
            facts.packages(),
            facts.libc(),
            baseDigest);
    Files.write(staging.directory().resolve(FILE), json.writeValueAsBytes(kept));
  }

  /// The image whose topmost layer this is, when all of its layers are on this machine.
  Optional<BuildOutcome.Built> find(LayerId topmost) throws IOException {
    Optional<Layer> layer = layers.find(topmost);
    if (layer.isEmpty()) {
      return Optional.empty();
    }
    Path file = layer.get().directory().resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Kept kept = json.readValue(Files.readAllBytes(file), Kept.class);
    List<LayerId> ids = LayerId.listOf(kept.layers());
    if (!layers.hasAll(ids)) {
      return Optional.empty();
    }
    return Optional.of(
        new BuildOutcome.Built(
            ids,
            new ImageConfig(
                kept.environment(),
                kept.workingDirectory(),
                kept.entrypoint(),
                kept.command(),
                kept.shell(),
                kept.user()),
            kept.pythonVersionInfo(),
            kept.pythonPackages(),
            kept.libcVersionInfo(),
            kept.baseDigest(),
            layers.requireAll(ids).stream().mapToLong(Layer::sizeBytes).sum()));
  }
}
