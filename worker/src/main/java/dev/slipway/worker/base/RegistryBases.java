package dev.slipway.worker.base;

import dev.slipway.content.ContentStore;
import dev.slipway.images.registry.LayerUnpacker;
import dev.slipway.images.registry.PullProgress;
import dev.slipway.images.registry.PulledImage;
import dev.slipway.images.registry.Registry;
import dev.slipway.images.registry.RegistryReference;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Base images from registries. Their layers are unpacked once each, under the digest of what they
/// hold, so images that share layers share them here, too.
///
/// A registry that cannot be reached is not asked again for [#SILENCE]: whoever works without one
/// does not wait for it with every build.
public final class RegistryBases implements BaseProvider {
  /// How long a registry that was not there is left alone.
  static final Duration SILENCE = Duration.ofMinutes(5);

  /// How often a log hears how far a pull is.
  private static final Duration SAY_EVERY = Duration.ofSeconds(2);

  /// Most bytes that the files of one layer may have together.
  static final long MOST_LAYER_BYTES = 64L << 30;

  private final Registry registry;
  private final ContentStore downloads;
  private final SharedMaking making;
  private final Clock clock;
  private final LayerUnpacker unpacker =
      new LayerUnpacker(Ownership.CONTAINER_ROOT, MOST_LAYER_BYTES);
  private final Map<String, Instant> silent = new ConcurrentHashMap<>();

  /// @param downloads where the registry puts layers; they are deleted once they are unpacked
  public RegistryBases(
      Registry registry, ContentStore downloads, SharedMaking making, Clock clock) {
    this.registry = registry;
    this.downloads = downloads;
    this.making = making;
    this.clock = clock;
  }

  @Override
  public Answer provide(String reference, BuildLog log) throws IOException, InterruptedException {
    return provide(reference, Optional.empty(), log);
  }

  /// The same with somebody's login, at the registry itself.
  public BaseProvider with(Credentials login) {
    return (reference, log) -> provide(reference, Optional.of(login), log);
  }

  private Answer provide(String reference, Optional<Credentials> login, BuildLog log)
      throws IOException, InterruptedException {
    RegistryReference parsed = RegistryReference.parse(reference);
    Instant since = silent.get(parsed.registry());
    // Who has a login there works with that registry, and not without one.
    if (login.isEmpty() && since != null && clock.instant().isBefore(since.plus(SILENCE))) {
      return new Answer.Passed(
          "The registry %s could not be reached %d seconds ago and is not asked again yet."
              .formatted(parsed.registry(), Duration.between(since, clock.instant()).toSeconds()));
    }
    PulledImage pulled;
    try {
      pulled = pull(parsed, login, log);
    } catch (SlipwayException e) {
      if (e.kind() == ErrorKind.UNAVAILABLE && isAway(e)) {
        silent.put(parsed.registry(), clock.instant());
      }
      return new Answer.Passed("'%s' was not pulled: %s.".formatted(reference, e.getMessage()));
    }
    silent.remove(parsed.registry());
    List<LayerId> layers = new ArrayList<>();
    try {
      for (PulledImage.Layer layer : pulled.layers()) {
        layers.add(unpack(layer, log).id());
      }
    } finally {
      for (PulledImage.Layer layer : pulled.layers()) {
        downloads.delete(layer.digest());
      }
    }
    String digest = "sha256:" + pulled.manifest().hex();
    return new Answer.Provided(
        new BaseImage(layers, pulled.config(), digest),
        "Pulled '%s' from %s: %s.".formatted(reference, parsed.registry(), digest));
  }

  /// Whether nobody is there. A registry that answers badly may do so for one image only.
  private static boolean isAway(SlipwayException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || cause instanceof HttpTimeoutException) {
        return true;
      }
    }
    return false;
  }

  /// Pulls on a thread of its own: this one says what comes, as it comes.
  private PulledImage pull(RegistryReference reference, Optional<Credentials> login, BuildLog log)
      throws InterruptedException {
    BlockingQueue<Optional<String>> notes = new LinkedBlockingQueue<>();
    AtomicLong said = new AtomicLong(System.nanoTime());
    PullProgress progress =
        new PullProgress() {
          @Override
          public void downloaded(Digest layer, long bytes, long total) {
            long now = System.nanoTime();
            if (bytes < total && now - said.get() < SAY_EVERY.toNanos()) {
              return;
            }
            said.set(now);
            String name = layer.hex().substring(0, 12);
            notes.add(
                Optional.of(
                    bytes == total
                        ? "  downloaded %s…, %,d bytes".formatted(name, total)
                        : "  downloading %s…, %,d of %,d bytes".formatted(name, bytes, total)));
          }

          @Override
          public void note(String sentence) {
            notes.add(Optional.of("  " + sentence));
          }
        };
    FutureTask<PulledImage> pull =
        new FutureTask<>(() -> {
          try {
            return registry.pull(reference, login, progress);
          } finally {
            notes.add(Optional.empty());
          }
        });
    Thread puller = Thread.ofVirtual().name("pull of " + reference).start(pull);
    try {
      for (Optional<String> note = notes.take(); note.isPresent(); note = notes.take()) {
        log.say(note.get());
      }
      return pull.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case InterruptedException interrupted -> throw interrupted;
        case null, default -> throw new IllegalStateException("pulling failed", e);
      }
    } finally {
      puller.interrupt();
    }
  }

  private Layer unpack(PulledImage.Layer layer, BuildLog log)
      throws IOException, InterruptedException {
    return making.require(
        new LayerId("sha256-" + layer.contents().hex()),
        log,
        staging -> {
          LayerUnpacker.Unpacked unpacked;
          try (InputStream in = downloads.open(layer.digest())) {
            unpacked = unpacker.unpack(in, staging.diff());
          }
          if (!unpacked.contents().equals(layer.contents())) {
            throw new SlipwayException(
                ErrorKind.DATA_LOSS,
                "a layer holds %s, its image announced %s"
                    .formatted(unpacked.contents(), layer.contents()));
          }
          for (String note : unpacked.notes()) {
            log.say("  " + note);
          }
        });
  }
}
