package dev.slipway.worker.base;

import dev.slipway.model.Digest;
import dev.slipway.model.ImageConfig;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Remembers which base images this machine has, by reference, in `bases/`.
///
/// A reference with a digest always means the same image. A tag may come to mean another one, so
/// for a tag what is here counts for [#TAG_LIFETIME]; after that a registry is asked first, and
/// what is here is used only when it does not answer.
public final class CachedBases {
  private static final Logger log = LoggerFactory.getLogger(CachedBases.class);

  /// How long a tag is taken to mean the image that it meant before.
  static final Duration TAG_LIFETIME = Duration.ofHours(24);

  private final Path directory;
  private final LayerStore layers;
  private final Clock clock;
  private final JsonMapper json = JsonMapper.builder().build();

  private CachedBases(Path directory, LayerStore layers, Clock clock) {
    this.directory = directory;
    this.layers = layers;
    this.clock = clock;
  }

  public static CachedBases open(Path workerDirectory, LayerStore layers, Clock clock)
      throws IOException {
    Path directory = workerDirectory.toAbsolutePath().normalize().resolve("bases");
    Files.createDirectories(directory);
    return new CachedBases(directory, layers, clock);
  }

  /// A base image and when its reference was last looked up.
  ///
  /// @param triggers absent where an older worker wrote it
  record Remembered(
      String reference,
      List<String> layers,
      Map<String, String> environment,
      String workingDirectory,
      List<String> entrypoint,
      List<String> command,
      List<String> shell,
      String user,
      @Nullable List<String> triggers,
      String digest,
      long lookedUpAtMillis) {
    BaseImage image() {
      return new BaseImage(
          LayerId.listOf(layers),
          new ImageConfig(
              environment,
              workingDirectory,
              entrypoint,
              command,
              shell,
              user,
              triggers == null ? List.of() : triggers),
          digest);
    }
  }

  /// The provider that is asked first: what is here, unless its tag is too old.
  public BaseProvider fresh() {
    return (reference, _) -> {
      Optional<Remembered> found = find(reference);
      if (found.isEmpty()) {
        return new BaseProvider.Answer.Passed("'" + reference + "' is not on this machine yet.");
      }
      Duration age =
          Duration.between(Instant.ofEpochMilli(found.get().lookedUpAtMillis()), clock.instant());
      if (reference.contains("@sha256:") || age.compareTo(TAG_LIFETIME) < 0) {
        return here(reference, found.get());
      }
      return new BaseProvider.Answer.Passed(
          "'%s' was looked up %d hours ago; its tag may mean another image by now."
              .formatted(reference, age.toHours()));
    };
  }

  /// The provider that is asked after the registry: what was pulled from one, however old its tag
  /// is. Local bases are made anew from what is on the machine, which costs little.
  public BaseProvider stale() {
    return (reference, _) ->
        find(reference)
            .filter(found -> found.digest().startsWith("sha256:"))
            .<BaseProvider.Answer>map(found -> here(reference, found))
            .orElseGet(() ->
                new BaseProvider.Answer.Passed(
                    "No older copy of '" + reference + "' is on this machine."));
  }

  /// A provider that remembers what another one provides.
  public BaseProvider remembering(BaseProvider provider) {
    return (String reference, BuildLog buildLog) -> {
      BaseProvider.Answer answer = provider.provide(reference, buildLog);
      if (answer instanceof BaseProvider.Answer.Provided provided) {
        remember(reference, provided.image());
      }
      return answer;
    };
  }

  private static BaseProvider.Answer here(String reference, Remembered found) {
    return new BaseProvider.Answer.Provided(
        found.image(),
        "Using '%s' as it is on this machine: %s.".formatted(reference, found.digest()));
  }

  private Optional<Remembered> find(String reference) {
    Path file = file(reference);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Remembered found = json.readValue(Files.readAllBytes(file), Remembered.class);
      boolean usable =
          found.reference().equals(reference) && layers.hasAll(LayerId.listOf(found.layers()));
      return usable ? Optional.of(found) : Optional.empty();
    } catch (IOException | JacksonException e) {
      log.warn("the base image in {} is forgotten: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private void remember(String reference, BaseImage image) throws IOException {
    ImageConfig config = image.config();
    Remembered remembered =
        new Remembered(
            reference,
            image.layers().stream().map(LayerId::value).toList(),
            new LinkedHashMap<>(config.environment()),
            config.workingDirectory(),
            config.entrypoint(),
            config.command(),
            config.shell(),
            config.user(),
            config.triggers(),
            image.digest(),
            clock.millis());
    Path written = directory.resolve(UUID.randomUUID() + ".part");
    Files.write(written, json.writeValueAsBytes(remembered));
    Files.move(written, file(reference), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file(String reference) {
    Digest digest = Digest.sha256(reference.getBytes(StandardCharsets.UTF_8));
    return directory.resolve(digest.hex() + ".json");
  }
}
