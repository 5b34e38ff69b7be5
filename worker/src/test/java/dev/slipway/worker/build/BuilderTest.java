package dev.slipway.worker.build;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
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
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of the steps of a recipe. The commands are pieces of Java.
@Tag("integration")
class BuilderTest {
  @TempDir Path directory;
  private final FakeContentSource source = new FakeContentSource();
  private final RecordingLog log = new RecordingLog();
  private final FakeRuntime runtime = new FakeRuntime((spec, output) -> command(spec));
  private LayerStore layers;
  private Builder builder;

  /// Understands `write PATH TEXT`, `delete PATH`, `fail CODE` and `interrupted`.
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
      case "fail" -> {
        return Integer.parseInt(words[1]);
      }
      case "interrupted" -> throw new InterruptedException();
      case "-VV" -> {
        return 1;
      }
      default -> throw new IllegalArgumentException(spec.arguments().toString());
    }
    return 0;
  }

  @BeforeEach
  void open() throws IOException {
    layers = LayerStore.open(directory, Clock.systemUTC());
    OverlayRoots roots = OverlayRoots.open(directory);
    MountTrees mounts = MountTrees.open(directory, source);
    builder =
        new Builder(
            layers,
            new SharedMaking(layers),
            roots,
            new RootFilesystems(roots, layers, mounts, new BytecodeLayers(layers, roots, runtime)),
            mounts,
            new BaseImages(
                List.of((reference, _) ->
                    reference.equals("base:1")
                        ? new Answer.Provided(base(), "Here is a base.")
                        : new Answer.Passed("Only base:1 is here."))),
            new LayerCommand(runtime));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    assertThat(MountTable.listBelow(directory)).isEmpty();
    assertThat(directory.resolve("layers-in-making")).isEmptyDirectory();
  }

  private BaseImage base() throws IOException {
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
        ImageConfig.empty().withEnvironment(Map.of("PATH", "/usr/bin", "FROM_BASE", "yes"));
    return new BaseImage(List.of(id), config, "sha256:base");
  }

  private BuildOutcome build(String layer, BuildStep... steps) throws InterruptedException {
    return build(layer, List.of(), List.of(), steps);
  }

  private BuildOutcome build(
      String layer, List<MountId> mounts, List<ContextFile> files, BuildStep... steps)
      throws InterruptedException {
    return builder.build(
        new BuildOrder(
            new LayerId(layer),
            new BuildOrder.Base.Reference("base:1"),
            numbered(steps),
            mounts,
            files,
            Map.of("SECRET", "hush"),
            Duration.ofMinutes(1),
            new Resources(0, 0, 0, 0)),
        log);
  }

  private static List<RecipeStep> numbered(BuildStep... steps) {
    List<RecipeStep> numbered = new ArrayList<>();
    for (BuildStep step : steps) {
      numbered.add(new RecipeStep(numbered.size() + 1, step.getClass().getSimpleName(), step));
    }
    return numbered;
  }

  private static BuildStep run(String script) {
    return new BuildStep.Run(List.of(script), true);
  }

  private static ContextFile file(String path, String text) {
    return new ContextFile(path, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path diff(String layer) {
    return layers.find(new LayerId(layer)).map(Layer::diff).orElseThrow();
  }

  @Test
  void theChangesOfAllStepsAreOneLayer() throws Exception {
    BuildOutcome outcome =
        build(
            "one",
            run("write /etc/new text"),
            run("delete /etc/old"),
            new BuildStep.WorkingDirectory("/srv/app"),
            new BuildStep.Environment(Map.of("PATH", "/srv/bin:$PATH")),
            new BuildStep.Command(List.of("serve"), false));

    BuildOutcome.Built built = (BuildOutcome.Built) outcome;
    assertThat(built.layers()).containsExactly(new LayerId("base"), new LayerId("one"));
    assertThat(built.baseDigest()).isEqualTo("sha256:base");
    assertThat(built.config().workingDirectory()).isEqualTo("/srv/app");
    assertThat(built.config().command()).containsExactly("serve");
    assertThat(built.config().environment())
        .containsEntry("PATH", "/srv/bin:/usr/bin")
        .containsEntry("FROM_BASE", "yes")
        .doesNotContainKey("SECRET");
    assertThat(diff("one").resolve("etc/new")).hasContent("text");
    assertThat(Files.readAttributes(diff("one").resolve("etc/old"), "unix:mode,rdev"))
        .containsEntry("rdev", 0L);
    assertThat(Files.isDirectory(diff("one").resolve("srv/app"))).isTrue();
    assertThat(diff("one").resolve("proc")).doesNotExist();
    assertThat(diff("one").resolve("sys")).doesNotExist();
    assertThat(diff("one").resolve("__modal")).doesNotExist();
    assertThat(runtime.started().getFirst().environment()).containsEntry("SECRET", "hush");
    assertThat(runtime.started().getFirst().workingDirectory()).isEqualTo("/");
    assertThat(log.said()).contains("Here is a base.", "Step 1/5 : Run", "Step 5/5 : Command");
  }

  @Test
  void anImageThatIsHereIsDoneAtOnceAndCanBeBuiltOn() throws Exception {
    BuildOutcome first = build("one", run("write /etc/new text"));
    int started = runtime.started().size();
    assertThat(build("one", run("write /etc/new text"))).isEqualTo(first);
    assertThat(runtime.started()).hasSize(started);

    BuildOutcome.Built parent = (BuildOutcome.Built) first;
    BuildOutcome child =
        builder.build(
            new BuildOrder(
                new LayerId("two"),
                new BuildOrder.Base.Parent(parent.layers(), parent.config()),
                numbered(new BuildStep.Environment(Map.of("A", "b"))),
                List.of(),
                List.of(),
                Map.of(),
                Duration.ofMinutes(1),
                new Resources(0, 0, 0, 0)),
            log);
    assertThat(((BuildOutcome.Built) child).layers()).hasSize(3);
    assertThat(((BuildOutcome.Built) child).baseDigest()).isEqualTo("sha256:base");
    assertThat(layers.require(new LayerId("two")).empty()).isTrue();
  }

  @Test
  void aFailedStepIsNamedAndLeavesNothing() throws Exception {
    assertThat(build("one", run("write /etc/new text"), run("fail 7")))
        .isEqualTo(
            new BuildOutcome.Failed(
                BuildOutcome.Kind.STEP_FAILED, "step 2 (Run) failed with exit code 7", 7));
    assertThat(layers.find(new LayerId("one"))).isEmpty();
  }

  @Test
  void aStoppedBuildLeavesNothing() {
    assertThatThrownBy(() -> build("one", run("interrupted")))
        .isInstanceOf(InterruptedException.class);
    assertThat(layers.find(new LayerId("one"))).isEmpty();
  }

  @Test
  void aBaseThatNobodyHasIsSaidToBeUnavailable() throws Exception {
    BuildOutcome outcome =
        builder.build(
            new BuildOrder(
                new LayerId("one"),
                new BuildOrder.Base.Reference("base:2"),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Duration.ofMinutes(1),
                new Resources(0, 0, 0, 0)),
            log);
    assertThat(((BuildOutcome.Failed) outcome).kind())
        .isEqualTo(BuildOutcome.Kind.BASE_UNAVAILABLE);
    assertThat(((BuildOutcome.Failed) outcome).message()).contains("'base:2'", "Only base:1");
  }

  @Test
  void copyTakesFilesDirectoriesAndPatternsFromMountsAndTheRecipe() throws Exception {
    MountId mount =
        source.mount(
            "mo-1", Map.of("/app/a.py", "a", "/app/sub/b.py", "b", "/app/c.txt", "from the mount"));
    List<ContextFile> files = List.of(file("/app/c.txt", "from the recipe"), file("/.req", "r"));

    BuildOutcome outcome =
        build(
            "one",
            List.of(mount),
            files,
            new BuildStep.Copy(List.of("app"), "/code"),
            new BuildStep.Copy(List.of("/app/*.py"), "/scripts/"),
            new BuildStep.Copy(List.of("/.req"), "/lib/requirements"),
            new BuildStep.Copy(List.of("/.req"), "/etc"));

    assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
    Path diff = diff("one");
    assertThat(diff.resolve("code/a.py")).hasContent("a");
    assertThat(diff.resolve("code/sub/b.py")).hasContent("b");
    assertThat(diff.resolve("code/c.txt")).hasContent("from the recipe");
    assertThat(diff.resolve("scripts")).isDirectoryContaining("glob:**a.py");
    assertThat(diff.resolve("scripts/sub")).doesNotExist();
    assertThat(diff.resolve("usr/lib/requirements")).hasContent("r");
    assertThat(Files.exists(diff.resolve("lib"), NOFOLLOW_LINKS)).isFalse();
    assertThat(diff.resolve("etc/.req")).hasContent("r");
    assertThat(Files.getAttribute(diff.resolve("code/a.py"), "unix:uid")).isEqualTo(100_000);
  }

  @Test
  void copyNeverLeavesTheImageOrTheContext() throws Exception {
    List<ContextFile> files = List.of(file("/escaped-from-a-build", "x"));
    build("one", List.of(), files, new BuildStep.Copy(List.of("/escaped-from-a-build"), "/out/"));
    assertThat(diff("one").resolve("tmp/escaped-from-a-build")).hasContent("x");
    assertThat(Path.of("/tmp/escaped-from-a-build")).doesNotExist();

    for (String pattern : List.of("../etc/passwd", "missing", "*.none")) {
      BuildOutcome outcome = build("two", new BuildStep.Copy(List.of(pattern), "/x"));
      assertThat(((BuildOutcome.Failed) outcome).kind()).isEqualTo(BuildOutcome.Kind.INVALID);
      assertThat(((BuildOutcome.Failed) outcome).message()).contains(pattern);
    }
  }
}
