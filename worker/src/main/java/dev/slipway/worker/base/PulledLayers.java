package dev.slipway.worker.base;

import dev.slipway.images.registry.LayerUnpacker;
import dev.slipway.images.registry.PulledImage;
import dev.slipway.images.registry.RegistryReference;
import dev.slipway.images.registry.UnpackedLayers;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.layer.Uses;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The layers of this machine that came from registries, each unpacked once, under the digest of
/// what it holds, so that images that share layers share them here, too.
///
/// Beside its files a layer keeps its origins: digests of downloads that were found here to hold
/// it. A pull takes the layer without downloading it only where its own manifest names one of
/// these. What a manifest merely claims opens nothing, and what came with a login opens to those
/// whom the same registry lets read it.
final class PulledLayers {
  /// Most bytes that the files of one layer may have together.
  static final long MOST_LAYER_BYTES = 64L << 30;

  /// Most origins that a layer remembers; of further ones it is found out again each time.
  static final int MOST_ORIGINS = 32;

  private static final String ORIGINS = "origins";
  private static final String WAYS = "ways";
  private static final String OPEN = "open";
  private static final String LOGIN = "login";

  private final Downloads downloads;
  private final LayerStore layers;
  private final SharedMaking making;
  private final ReentrantLock writing = new ReentrantLock();
  private final LayerUnpacker unpacker = new LayerUnpacker(Ownership::find, MOST_LAYER_BYTES);

  PulledLayers(Downloads downloads, LayerStore layers, SharedMaking making) {
    this.downloads = downloads;
    this.layers = layers;
    this.making = making;
  }

  /// A download that holds a layer.
  ///
  /// @param login whether it took somebody's login to read it
  private record Origin(Digest download, String registry, boolean login) {
    private String line() {
      return "%s %s %s".formatted(download.hex(), registry, login ? LOGIN : OPEN);
    }

    private static Stream<Origin> read(String line) {
      String[] words = line.split(" ");
      boolean whole =
          words.length == 3
              && words[0].matches("[0-9a-f]{64}")
              && Set.of(OPEN, LOGIN).contains(words[2]);
      return whole
          ? Stream.of(new Origin(new Digest(words[0]), words[1], words[2].equals(LOGIN)))
          : Stream.of();
    }
  }

  /// Begins a pull. Nothing of it may go on when this is closed.
  ///
  /// @param login whether it brings a login of its own
  Pull begin(RegistryReference reference, boolean login, BuildLog log) {
    return new Pull(reference, login, log);
  }

  private static LayerId id(PulledImage.Layer layer) {
    return new LayerId("sha256-" + layer.contents().hex());
  }

  /// What one pull brings and uses. Layers that it was told are here stay until it is closed. For
  /// one thread at a time.
  final class Pull implements UnpackedLayers, AutoCloseable {
    private final RegistryReference reference;
    private final boolean login;
    private final BuildLog log;
    private final Downloads.Lease lease = downloads.lease();
    private final List<Uses.Hold> holds = new ArrayList<>();
    private final Set<PulledImage.Layer> here = new HashSet<>();

    private Pull(RegistryReference reference, boolean login, BuildLog log) {
      this.reference = reference;
      this.login = login;
      this.log = log;
    }

    @Override
    public Standing look(PulledImage.Layer layer) throws IOException {
      lease.use(layer.digest());
      if (!held(id(layer))) {
        return Standing.MISSING;
      }
      List<Origin> same =
          origins(id(layer)).stream()
              .filter(origin -> origin.download().equals(layer.digest()))
              .toList();
      boolean open = same.stream().anyMatch(origin -> !origin.login());
      boolean readable =
          same.stream().anyMatch(origin -> origin.registry().equals(reference.registry()));
      if (!open && !readable) {
        return Standing.MISSING;
      }
      here.add(layer);
      return open ? Standing.FOR_ALL : Standing.FOR_READERS;
    }

    @Override
    public boolean isShared(PulledImage.Layer layer) {
      return lease.isShared(layer.digest());
    }

    @Override
    public void share(PulledImage.Layer layer) {
      lease.share(layer.digest());
    }

    /// Whether the layer is here, and then keeps it.
    private boolean held(LayerId id) {
      if (layers.find(id).isEmpty()) {
        return false;
      }
      try {
        holds.add(layers.hold(List.of(id)));
        return true;
      } catch (SlipwayException e) {
        // It went between the two.
        return false;
      }
    }

    /// Makes layers of what was downloaded.
    ///
    /// @return bottom to top
    List<LayerId> unpack(PulledImage image) throws IOException, InterruptedException {
      List<LayerId> ids = new ArrayList<>();
      for (PulledImage.Layer layer : image.layers()) {
        String name = "layer %d of '%s'".formatted(ids.size() + 1, reference);
        try {
          if (here.add(layer)) {
            unpack(layer, name);
          }
          ids.add(fitted(id(layer), ids));
        } catch (SlipwayException e) {
          throw new SlipwayException(
              e.kind(), "%s cannot be unpacked: %s".formatted(name, e.getMessage()), e);
        } catch (ClosedByInterruptException e) {
          throw interrupted(e);
        } catch (IOException e) {
          throw new IOException("%s cannot be unpacked: %s".formatted(name, e.getMessage()), e);
        }
      }
      return ids;
    }

    /// The layer as it is on top of others: with few exceptions, the layer itself.
    ///
    /// @param below bottom to top
    private LayerId fitted(LayerId id, List<LayerId> below)
        throws IOException, InterruptedException {
      List<String> ways = ways(id);
      if (ways.isEmpty()) {
        return id;
      }
      List<Path> lowers = layers.requireAll(below).reversed().stream().map(Layer::diff).toList();
      Path alone = layers.require(id).diff();
      if (!FittedLayer.isNeeded(alone, ways, lowers)) {
        return id;
      }
      String chain =
          Stream.concat(below.stream(), Stream.of(id))
              .map(LayerId::value)
              .collect(Collectors.joining("\n"));
      LayerId fitted =
          new LayerId("fitted-" + Digest.sha256(chain.getBytes(StandardCharsets.UTF_8)).hex());
      making.require(fitted, log, staging -> FittedLayer.make(alone, ways, lowers, staging.diff()));
      holds.add(layers.hold(List.of(fitted)));
      return fitted;
    }

    private static InterruptedException interrupted(ClosedByInterruptException cause) {
      // The flag is down again, as with whatever else throws this.
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException();
      interrupted.initCause(cause);
      return interrupted;
    }

    private void unpack(PulledImage.Layer layer, String name)
        throws IOException, InterruptedException {
      LayerId id = id(layer);
      Origin origin = new Origin(layer.digest(), reference.registry(), login);
      making.require(id, log, staging -> fill(staging, layer, origin, name));
      holds.add(layers.hold(List.of(id)));
      List<Origin> known = origins(id);
      if (known.contains(origin)) {
        return;
      }
      if (known.stream().noneMatch(one -> one.download().equals(layer.digest()))) {
        // Somebody else made it, of other bytes.
        try (InputStream in = lease.open(layer.digest())) {
          requireContents(layer, unpacker.contents(in));
        }
      }
      remember(id, origin);
    }

    private void fill(LayerStaging staging, PulledImage.Layer layer, Origin origin, String name)
        throws IOException, InterruptedException {
      LayerUnpacker.Unpacked unpacked;
      try (InputStream in = lease.open(layer.digest())) {
        unpacked = unpacker.unpack(in, staging.diff());
      }
      requireContents(layer, unpacked.contents());
      Files.writeString(staging.directory().resolve(ORIGINS), origin.line() + "\n");
      if (!unpacked.ways().isEmpty()) {
        // A name may have a line end in it, and never this.
        Files.writeString(staging.directory().resolve(WAYS), String.join("\0", unpacked.ways()));
      }
      for (String note : unpacked.notes()) {
        log.say("  %s: %s".formatted(name, note));
      }
    }

    private static void requireContents(PulledImage.Layer layer, Digest found) {
      if (!found.equals(layer.contents())) {
        throw new SlipwayException(
            ErrorKind.DATA_LOSS,
            "it holds %s, and %s was announced".formatted(found, layer.contents()));
      }
    }

    @Override
    public void close() {
      lease.close();
      holds.forEach(Uses.Hold::close);
    }
  }

  /// See [LayerUnpacker.Unpacked#ways].
  private List<String> ways(LayerId id) throws IOException {
    Path file = layers.require(id).directory().resolve(WAYS);
    return Files.exists(file) ? List.of(Files.readString(file).split("\0")) : List.of();
  }

  private List<Origin> origins(LayerId id) throws IOException {
    Path file = layers.require(id).directory().resolve(ORIGINS);
    // Those that were unpacked before there were origins have none.
    return Files.exists(file)
        ? Files.readAllLines(file).stream().flatMap(Origin::read).toList()
        : List.of();
  }

  /// Notes one more origin of a layer that is held.
  private void remember(LayerId id, Origin origin) throws IOException {
    writing.lock();
    try {
      Layer layer = layers.require(id);
      List<Origin> known = origins(id);
      if (known.contains(origin) || known.size() >= MOST_ORIGINS) {
        return;
      }
      String lines =
          Stream.concat(known.stream(), Stream.of(origin))
              .map(one -> one.line() + "\n")
              .collect(Collectors.joining());
      Path written = Files.writeString(layer.directory().resolve(ORIGINS + ".part"), lines);
      Files.move(written, layer.directory().resolve(ORIGINS), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      writing.unlock();
    }
  }
}
