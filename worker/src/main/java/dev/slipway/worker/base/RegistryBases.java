package dev.slipway.worker.base;

import dev.slipway.images.registry.PulledImage;
import dev.slipway.images.registry.Registry;
import dev.slipway.images.registry.RegistryAwayException;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.images.registry.RegistryReference;
import dev.slipway.images.registry.UnpackedLayers;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Base images from registries.
///
/// A registry that cannot be reached is not asked again for [#SILENCE]: whoever works without one
/// does not wait for it with every build.
public final class RegistryBases implements BaseProvider {
  /// How long a registry that was not there is left alone: the stages of a build, and builds that
  /// come together, wait for it once.
  static final Duration SILENCE = Duration.ofSeconds(30);

  private final Registry registry;
  private final PulledLayers layers;
  private final Clock clock;
  private final Map<String, Instant> silent = new ConcurrentHashMap<>();

  /// @param registry puts its layers into the downloads
  public RegistryBases(
      Registry registry, Downloads downloads, LayerStore layers, SharedMaking making, Clock clock) {
    this.registry = registry;
    this.layers = new PulledLayers(downloads, layers, making);
    this.clock = clock;
  }

  @Override
  public Answer provide(String reference, BuildLog log) throws IOException, InterruptedException {
    RegistryReference parsed = RegistryReference.parse(reference);
    Instant since = silent.get(parsed.registry());
    if (since != null && clock.instant().isBefore(since.plus(SILENCE))) {
      return new Answer.Failed(
          reference,
          "registry %s could not be reached %d seconds ago and is not asked again yet"
              .formatted(parsed.registry(), Duration.between(since, clock.instant()).toSeconds()));
    }
    return provide(reference, Optional.empty(), log);
  }

  /// The same for those who want to know what there is now: it asks registries that were not there
  /// a moment ago, too.
  public BaseProvider now() {
    return (reference, log) -> provide(reference, Optional.empty(), log);
  }

  /// The same with somebody's login, at the registry itself. Who has a login there works with that
  /// registry, so it is asked whatever happened a moment ago.
  public BaseProvider with(RegistryLogin login) {
    return (reference, log) -> provide(reference, Optional.of(login), log);
  }

  private Answer provide(String reference, Optional<RegistryLogin> login, BuildLog log)
      throws IOException, InterruptedException {
    RegistryReference parsed = RegistryReference.parse(reference);
    try (PulledLayers.Pull brought = layers.begin(parsed, login.isPresent(), log)) {
      PulledImage pulled;
      try {
        pulled = pull(parsed, login, brought, log);
      } catch (SlipwayException e) {
        return new Answer.Failed(reference, String.valueOf(e.getMessage()));
      } catch (RegistryAwayException e) {
        silent.put(parsed.registry(), clock.instant());
        return new Answer.Failed(reference, e.getMessage());
      }
      silent.remove(parsed.registry());
      List<LayerId> ids = brought.unpack(pulled);
      String digest = "sha256:" + pulled.manifest().hex();
      return new Answer.Provided(
          new BaseImage(ids, pulled.config(), digest),
          "Pulled '%s' from %s: %s.".formatted(reference, parsed.registry(), digest));
    }
  }

  /// Pulls on a thread of its own, which has ended when this returns or throws: this one says what
  /// comes, as it comes.
  private PulledImage pull(
      RegistryReference reference,
      Optional<RegistryLogin> login,
      UnpackedLayers unpacked,
      BuildLog log)
      throws InterruptedException, RegistryAwayException {
    PullLines lines = new PullLines(System::nanoTime);
    FutureTask<PulledImage> pull =
        new FutureTask<>(() -> {
          try {
            return registry.pull(reference, login, unpacked, lines);
          } finally {
            lines.end();
          }
        });
    Thread puller = Thread.ofVirtual().name("pull of " + reference).start(pull);
    try {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        log.say(line.get());
      }
      return pull.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RegistryAwayException away -> throw away;
        case RuntimeException failure -> throw failure;
        case InterruptedException interrupted -> throw interrupted;
        case null, default -> throw new IllegalStateException("pulling failed", e);
      }
    } finally {
      puller.interrupt();
      awaitEnd(puller);
    }
  }

  /// Whatever interrupts this thread meanwhile: nothing may be written when a build has ended.
  private static void awaitEnd(Thread puller) {
    boolean interrupted = false;
    while (true) {
      try {
        puller.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
