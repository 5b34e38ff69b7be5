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
import java.nio.file.attribute.FileTime;
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
  private final Uses uses;
  private final JsonMapper json = JsonMapper.builder().build();
  private final ConcurrentHashMap<LayerId, Layer> known = new ConcurrentHashMap<>();

  private LayerStore(Path layers, Path staging, Clock clock) {
    this.layers = layers;
    this.staging = staging;
    this.clock = clock;
    this.uses = new Uses(clock);
  }

  /// Who uses the layers, and whatever else of this worker could be made again.
  public Uses uses() {
    return uses;
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

  /// The layer of this id, if this machine has it. Looking for it counts as a use of it.
  public Optional<Layer> find(LayerId id) {
    touch(id);
    return Optional.ofNullable(known.get(id));
  }

  /// The time of the last use is kept with the facts, so that a restart does not make everything
  /// equally old: the first use of every life is precise enough.
  private void touch(LayerId id) {
    Path directory = layers.resolve(id.value());
    if (uses.touch(directory) && known.containsKey(id)) {
      try {
        Files.setLastModifiedTime(directory.resolve(FACTS), FileTime.from(clock.instant()));
      } catch (IOException e) {
        log.debug("the use of {} is not recorded: {}", directory, e.toString());
      }
    }
  }

  /// When a layer was used last, and by how many it is used now.
  public Uses.Standing standing(Layer layer) {
    return uses.standing(layer.directory(), lastUsed(layer));
  }

  private static Instant lastUsed(Layer layer) {
    try {
      return Files.getLastModifiedTime(layer.directory().resolve(FACTS)).toInstant();
    } catch (IOException e) {
      return layer.madeAt();
    }
  }

  /// Removes a layer that nobody uses and nobody has looked for since a moment.
  ///
  /// @return whether it was removed
  public boolean removeUnlessUsed(LayerId id, Instant since) throws IOException {
    Layer layer = known.get(id);
    if (layer == null || lastUsed(layer).isAfter(since)) {
      return false;
    }
    // Moved away in one step, then deleted: a crash leaves a leftover, never half a layer.
    Path away = staging.resolve("removed-" + UUID.randomUUID());
    boolean removed =
        uses.removeUnlessUsed(
            layer.directory(),
            since,
            () -> {
              Files.move(layer.directory(), away, StandardCopyOption.ATOMIC_MOVE);
              known.remove(id);
            });
    if (removed) {
      Trees.delete(away);
    }
    return removed;
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

  /// Keeps layers from being removed until the hold is closed.
  ///
  /// @throws SlipwayException of kind `NOT_FOUND` when this machine does not have one of them
  public Uses.Hold hold(List<LayerId> ids) {
    Uses.Hold hold = uses.hold(ids.stream().map(id -> layers.resolve(id.value())).toList());
    if (!hasAll(ids)) {
      hold.close();
      requireAll(ids);
    }
    return hold;
  }

  public boolean hasAll(Collection<LayerId> ids) {
    ids.forEach(this::touch);
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
    uses.touch(layers.resolve(id.value()));
    Trees.Extent extent = Trees.measure(staged.resolve(Layer.DIFF));
    Instant madeAt = Instant.ofEpochMilli(clock.millis());
    Layer layer =
        new Layer(id, layers.resolve(id.value()), extent.bytes(), extent.entries() == 0, madeAt);
    Path facts = Files.write(staged.resolve(FACTS), json.writeValueAsBytes(facts(layer)));
    Files.setLastModifiedTime(facts, FileTime.from(madeAt));
    FileSystems.flush(staged);
    try {
      Files.move(staged, layer.directory(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Layer other = find(id).orElse(null);
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
