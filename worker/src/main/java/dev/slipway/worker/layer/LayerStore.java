package dev.slipway.worker.layer;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The layers of this machine, each a directory `layers/<id>` with the files in `diff` and facts
/// about them in `layer.json`.
///
/// A layer is made in a [LayerStaging] directory of its own and appears under its id in one rename,
/// after its bytes are on the disk: a crash leaves a leftover in the staging area, never half a
/// layer. Leftovers are deleted when the store is opened.
public final class LayerStore {
  private static final Logger log = LoggerFactory.getLogger(LayerStore.class);
  private static final String FACTS = "layer.json";

  private final Path layers;
  private final Path staging;
  private final Clock clock;
  private final JsonMapper json = JsonMapper.builder().build();
  private final ConcurrentHashMap<LayerId, Layer> known = new ConcurrentHashMap<>();

  private LayerStore(Path layers, Path staging, Clock clock) {
    this.layers = layers;
    this.staging = staging;
    this.clock = clock;
  }

  /// Opens the store below a worker's directory, which is made when it does not exist.
  public static LayerStore open(Path workerDirectory, Clock clock) throws IOException {
    Path root = workerDirectory.toAbsolutePath().normalize();
    LayerStore store =
        new LayerStore(root.resolve("layers"), root.resolve("layers-in-making"), clock);
    // Whatever a killed worker had mounted there must never be deleted through the mount.
    MountTable.detachBelow(store.staging);
    Trees.delete(store.staging);
    Files.createDirectories(store.layers);
    Files.createDirectories(store.staging);
    store.readAll();
    return store;
  }

  public Optional<Layer> find(LayerId id) {
    return Optional.ofNullable(known.get(id));
  }

  /// @throws SlipwayException of kind `NOT_FOUND` when this machine does not have the layer
  public Layer require(LayerId id) {
    return find(id)
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND, "this machine does not have the layer '" + id + "'"));
  }

  /// These layers, in the same order.
  ///
  /// @throws SlipwayException of kind `NOT_FOUND` when this machine does not have one of them
  public List<Layer> requireAll(List<LayerId> ids) {
    return ids.stream().map(this::require).toList();
  }

  public boolean hasAll(Collection<LayerId> ids) {
    return known.keySet().containsAll(ids);
  }

  /// All layers of this machine, by id.
  public List<Layer> list() {
    return known.values().stream().sorted((a, b) -> a.id().compareTo(b.id())).toList();
  }

  /// Bytes of all layers together.
  public long sizeBytes() {
    return known.values().stream().mapToLong(Layer::sizeBytes).sum();
  }

  /// Begins a layer. Close it in any case: closing deletes what was not committed.
  public LayerStaging stage() {
    Path directory = staging.resolve(UUID.randomUUID().toString());
    try {
      Path diff = Files.createDirectories(directory.resolve(Layer.DIFF));
      Files.setAttribute(diff, "unix:mode", 0755);
      Ownership.giveToRoot(diff);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot begin a layer in " + directory, e);
    }
    return new LayerStaging(this, directory);
  }

  /// Makes a staged layer visible. When another one of this id appeared meanwhile, that one stays.
  Layer commit(LayerId id, Path staged) throws IOException {
    Trees.Extent extent = Trees.measure(staged.resolve(Layer.DIFF));
    Instant madeAt = Instant.ofEpochMilli(clock.millis());
    Layer layer =
        new Layer(id, layers.resolve(id.value()), extent.bytes(), extent.entries() == 0, madeAt);
    Files.write(staged.resolve(FACTS), json.writeValueAsBytes(facts(layer)));
    FileSystems.flush(staged);
    try {
      Files.move(staged, layer.directory(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Layer other = known.get(id);
      if (other == null) {
        throw e;
      }
      return other;
    }
    FileSystems.flush(layers);
    known.put(id, layer);
    return layer;
  }

  private JsonNode facts(Layer layer) {
    return json.createObjectNode()
        .put("id", layer.id().value())
        .put("sizeBytes", layer.sizeBytes())
        .put("empty", layer.empty())
        .put("madeAtMillis", layer.madeAt().toEpochMilli());
  }

  private void readAll() throws IOException {
    try (Stream<Path> directories = Files.list(layers)) {
      for (Path directory : directories.toList()) {
        read(directory).ifPresent(layer -> known.put(layer.id(), layer));
      }
    }
  }

  private Optional<Layer> read(Path directory) {
    try {
      JsonNode facts = json.readTree(Files.readAllBytes(directory.resolve(FACTS)));
      LayerId id = new LayerId(facts.required("id").asString());
      if (!directory.getFileName().toString().equals(id.value())
          || !Files.isDirectory(directory.resolve(Layer.DIFF))) {
        log.warn("{} is no layer: its name or its files do not fit its {}", directory, FACTS);
        return Optional.empty();
      }
      return Optional.of(
          new Layer(
              id,
              directory,
              facts.required("sizeBytes").asLong(),
              facts.required("empty").asBoolean(),
              Instant.ofEpochMilli(facts.required("madeAtMillis").asLong())));
    } catch (IOException | RuntimeException e) {
      log.warn("{} is no layer and is left alone: {}", directory, e.toString());
      return Optional.empty();
    }
  }
}
