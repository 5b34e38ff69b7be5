package dev.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.RecipeParser;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.worker.base.BaseImage;
import dev.slipway.worker.base.BaseImages;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.build.BuildOrder.ContextFile;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.RecordingLog;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.BytecodeLayers;
import dev.slipway.worker.rootfs.FakeContentSource;
import dev.slipway.worker.rootfs.FakeRuntime;
import dev.slipway.worker.rootfs.MountTrees;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// A builder whose commands are pieces of Java, on a base image `base:1`, or on `triggers:1`, which
/// has instructions for those who build on it.
final class BuildFixture {
  final FakeContentSource source = new FakeContentSource();
  final RecordingLog log = new RecordingLog();
  final FakeRuntime runtime = new FakeRuntime((spec, output) -> command(spec));
  final LayerStore layers;
  final Builder builder;
  private final Path directory;

  /// Understands `write PATH TEXT`, `delete PATH`, `copy FROM TO`, `append PATH TEXT`, `link FROM
  /// TO`, `access PATH TO` (who owns it, and its permissions), `fill PATH MIB` (which never ends),
  /// `fail CODE` and `interrupted`.
  private static int command(ContainerSpec spec) throws IOException, InterruptedException {
    String[] words = spec.arguments().getLast().split(" ");
    // As a real runtime does for its mounts.
    Files.createDirectories(spec.rootfs().resolve("proc"));
    Files.createDirectories(spec.rootfs().resolve("sys/kernel/mm"));
    Path own = Files.createDirectories(spec.rootfs().resolve("__modal/etc"));
    Files.writeString(own.resolve("ca-certificates.crt"), "");
    switch (words[0]) {
      case "write" -> Files.writeString(spec.rootfs().resolve(words[1].substring(1)), words[2]);
      case "delete" -> Files.delete(spec.rootfs().resolve(words[1].substring(1)));
      case "copy" ->
          Files.copy(inContainer(spec, words[1]), spec.rootfs().resolve(words[2].substring(1)));
      case "append" -> {
        Path file = inContainer(spec, words[1]);
        Files.writeString(file, words[2], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
      case "access" -> {
        Map<String, Object> found =
            Files.readAttributes(inContainer(spec, words[1]), "unix:uid,gid,mode");
        int mode = (Integer) Objects.requireNonNull(found.get("mode")) & 07777;
        Files.writeString(
            spec.rootfs().resolve(words[2].substring(1)),
            "%s %s %o".formatted(found.get("uid"), found.get("gid"), mode));
      }
      case "link" ->
          Files.createLink(
              spec.rootfs().resolve(words[2].substring(1)),
              spec.rootfs().resolve(words[1].substring(1)));
      case "fail" -> {
        return Integer.parseInt(words[1]);
      }
      case "fill" -> {
        Files.write(inContainer(spec, words[1]), new byte[Integer.parseInt(words[2]) << 20]);
        new CountDownLatch(1).await();
      }
      case "interrupted" -> throw new InterruptedException();
      case "-VV" -> {
        return 1;
      }
      default -> throw new IllegalArgumentException(spec.arguments().toString());
    }
    return 0;
  }

  /// Where a path of a container is, which may be in one of its mounts.
  private static Path inContainer(ContainerSpec spec, String path) {
    return spec.binds().stream()
        .filter(
            bind -> path.equals(bind.destination()) || path.startsWith(bind.destination() + "/"))
        .map(bind -> Path.of(bind.source() + path.substring(bind.destination().length())))
        .findFirst()
        .orElse(spec.rootfs().resolve(path.substring(1)));
  }

  /// Bytes of a cache that a step names.
  static final long MOST_CACHED = 1_000;

  /// Bytes of downloads that are kept.
  static final long MOST_DOWNLOADS = 1_000;

  private BuildFixture(Path directory, BuildRoom room) throws IOException {
    this.directory = directory;
    layers = LayerStore.open(directory, Clock.systemUTC());
    OverlayRoots roots = OverlayRoots.open(directory, layers.uses());
    MountTrees mounts = MountTrees.open(directory, source, layers.uses());
    builder =
        new Builder(
            layers,
            new SharedMaking(layers),
            roots,
            new RootFilesystems(roots, layers, mounts, new BytecodeLayers(layers, roots, runtime)),
            mounts,
            new BaseImages(
                List.of((reference, _) ->
                    reference.equals("base:1") || reference.equals("triggers:1")
                        ? new Answer.Provided(
                            base(reference.equals("base:1") ? List.of() : List.of("RUN x")),
                            "Here is a base.")
                        : new Answer.Passed("Only base:1 is here.")),
                List.of(),
                _ -> List.of()),
            new LayerCommand(runtime),
            BuildCaches.open(directory, MOST_CACHED, Clock.systemUTC()),
            DownloadCaches.open(directory, MOST_DOWNLOADS),
            new DiskRoom(room));
  }

  static BuildFixture open(Path directory) throws IOException {
    return open(directory, new BuildRoom(Long.MAX_VALUE, 0));
  }

  static BuildFixture open(Path directory, BuildRoom room) throws IOException {
    return new BuildFixture(directory, room);
  }

  void assertNothingIsLeft() throws IOException {
    assertThat(MountTable.listBelow(directory)).isEmpty();
    assertThat(directory.resolve("layers-in-making")).isEmptyDirectory();
  }

  private BaseImage base(List<String> triggers) throws IOException {
    LayerId id = new LayerId("base");
    if (layers.find(id).isEmpty()) {
      try (LayerStaging staging = layers.stage()) {
        Files.createDirectories(staging.diff().resolve("etc"));
        Files.createDirectories(staging.diff().resolve("usr/lib"));
        Files.createSymbolicLink(staging.diff().resolve("lib"), Path.of("usr/lib"));
        Files.createSymbolicLink(staging.diff().resolve("out"), Path.of("/../../../../../tmp"));
        Files.writeString(staging.diff().resolve("etc/old"), "old");
        Ownership.shift(staging.diff());
        staging.commit(id);
      }
    }
    ImageConfig config =
        new ImageConfig(
            Map.of("PATH", "/usr/bin", "FROM_BASE", "yes"),
            "",
            List.of(),
            List.of(),
            List.of(),
            "",
            triggers);
    return new BaseImage(List.of(id), config, "sha256:base");
  }

  BuildOutcome build(String layer, BuildStep... steps) throws InterruptedException {
    return build(layer, List.of(), List.of(), steps);
  }

  BuildOutcome build(String layer, Duration timeout, BuildStep... steps)
      throws InterruptedException {
    return build(layer, List.of(), List.of(), timeout, steps);
  }

  BuildOutcome build(
      String layer, List<MountId> mounts, List<ContextFile> files, BuildStep... steps)
      throws InterruptedException {
    return build(layer, mounts, files, Duration.ofMinutes(1), steps);
  }

  private BuildOutcome build(
      String layer,
      List<MountId> mounts,
      List<ContextFile> files,
      Duration timeout,
      BuildStep... steps)
      throws InterruptedException {
    return builder.build(
        new BuildOrder(
            new LayerId(layer),
            new BuildOrder.Base.Reference("base:1", false),
            numbered(steps),
            mounts,
            files,
            List.of(),
            SecretVariables.of(Map.of("SECRET", "hush")),
            Map.of("http_proxy", "http://proxy.example"),
            Optional.empty(),
            "scope",
            timeout,
            new Resources(0, 0, 0, 0)),
        log);
  }

  /// Builds the image of a recipe, whose stages are layers named by their steps.
  BuildOutcome buildRecipe(String layer, List<ContextFile> files, String... lines)
      throws InterruptedException {
    Recipe recipe = RecipeParser.parse(List.of(lines), Map.of());
    List<BuildOrder.Stage> stages = new ArrayList<>();
    for (Recipe.Stage stage : recipe.stages()) {
      stages.add(
          new BuildOrder.Stage(
              new LayerId("stage-" + Integer.toHexString(stage.steps().hashCode())),
              switch (stage.start()) {
                case Recipe.Start.Image image -> new BuildOrder.Base.Reference(image.name(), false);
                case Recipe.Start.Earlier earlier -> new BuildOrder.Base.Earlier(earlier.stage());
              },
              stage.steps()));
    }
    BuildOrder.Stage image = stages.removeLast();
    return builder.build(
        new BuildOrder(
            new LayerId(layer),
            image.base(),
            image.steps(),
            List.of(),
            files,
            stages,
            SecretVariables.of(Map.of("SECRET", "hush")),
            Map.of("http_proxy", "http://proxy.example"),
            Optional.empty(),
            "scope",
            Duration.ofMinutes(1),
            new Resources(0, 0, 0, 0)),
        log);
  }

  static List<RecipeStep> numbered(BuildStep... steps) {
    List<RecipeStep> numbered = new ArrayList<>();
    for (BuildStep step : steps) {
      numbered.add(new RecipeStep(numbered.size() + 1, step.getClass().getSimpleName(), step));
    }
    return numbered;
  }

  static BuildStep run(String script) {
    return new BuildStep.Run(List.of(script), true);
  }

  static ContextFile file(String path, String text) {
    return new ContextFile(path, text.getBytes(StandardCharsets.UTF_8));
  }

  Path diff(String layer) {
    return layers.find(new LayerId(layer)).map(Layer::diff).orElseThrow();
  }
}
