package dev.slipway.worker.build;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.BuildStep;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.worker.build.BuildOrder.ContextFile;
import dev.slipway.worker.layer.LayerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of the steps of a recipe. The commands are pieces of Java.
@Tag("integration")
class BuilderTest {
  @TempDir Path directory;
  private BuildFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = BuildFixture.open(directory);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.assertNothingIsLeft();
  }

  @Test
  void theChangesOfAllStepsAreOneLayer() throws Exception {
    BuildOutcome outcome =
        fixture.build(
            "one",
            BuildFixture.run("write /etc/new text"),
            BuildFixture.run("delete /etc/old"),
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
    assertThat(fixture.diff("one").resolve("etc/new")).hasContent("text");
    assertThat(Files.readAttributes(fixture.diff("one").resolve("etc/old"), "unix:mode,rdev"))
        .containsEntry("rdev", 0L);
    assertThat(Files.isDirectory(fixture.diff("one").resolve("srv/app"))).isTrue();
    assertThat(fixture.diff("one").resolve("proc")).doesNotExist();
    assertThat(fixture.diff("one").resolve("sys")).doesNotExist();
    assertThat(fixture.diff("one").resolve("__modal")).doesNotExist();
    assertThat(fixture.runtime.started().getFirst().environment()).containsEntry("SECRET", "hush");
    assertThat(fixture.runtime.started().getFirst().workingDirectory()).isEqualTo("/");
    assertThat(fixture.log.said())
        .contains("Here is a base.", "Step 1/5 : Run", "Step 5/5 : Command");
  }

  @Test
  void anImageThatIsHereIsDoneAtOnceAndCanBeBuiltOn() throws Exception {
    BuildOutcome first = fixture.build("one", BuildFixture.run("write /etc/new text"));
    int started = fixture.runtime.started().size();
    assertThat(fixture.build("one", BuildFixture.run("write /etc/new text"))).isEqualTo(first);
    assertThat(fixture.runtime.started()).hasSize(started);

    BuildOutcome.Built parent = (BuildOutcome.Built) first;
    BuildOutcome child =
        fixture.builder.build(
            new BuildOrder(
                new LayerId("two"),
                new BuildOrder.Base.Parent(parent.layers(), parent.config()),
                BuildFixture.numbered(new BuildStep.Environment(Map.of("A", "b"))),
                List.of(),
                List.of(),
                List.of(),
                SecretVariables.none(),
                Map.of(),
                Optional.empty(),
                "scope",
                Duration.ofMinutes(1),
                new Resources(0, 0, 0, 0)),
            fixture.log);
    assertThat(((BuildOutcome.Built) child).layers()).hasSize(3);
    assertThat(((BuildOutcome.Built) child).baseDigest()).isEqualTo("sha256:base");
    assertThat(fixture.layers.require(new LayerId("two")).empty()).isTrue();
  }

  @Test
  void aFailedStepIsNamedAndLeavesNothing() throws Exception {
    assertThat(
            fixture.build(
                "one", BuildFixture.run("write /etc/new text"), BuildFixture.run("fail 7")))
        .isEqualTo(
            new BuildOutcome.Failed(
                BuildOutcome.Kind.STEP_FAILED, "step 2 (Run) failed with exit code 7", 7));
    assertThat(fixture.layers.find(new LayerId("one"))).isEmpty();
  }

  @Test
  void aStoppedBuildLeavesNothing() {
    assertThatThrownBy(() -> fixture.build("one", BuildFixture.run("interrupted")))
        .isInstanceOf(InterruptedException.class);
    assertThat(fixture.layers.find(new LayerId("one"))).isEmpty();
  }

  @Test
  void aBaseThatNobodyHasIsSaidToBeUnavailable() throws Exception {
    BuildOutcome outcome =
        fixture.builder.build(
            new BuildOrder(
                new LayerId("one"),
                new BuildOrder.Base.Reference("base:2", false),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                SecretVariables.none(),
                Map.of(),
                Optional.empty(),
                "scope",
                Duration.ofMinutes(1),
                new Resources(0, 0, 0, 0)),
            fixture.log);
    assertThat(((BuildOutcome.Failed) outcome).kind())
        .isEqualTo(BuildOutcome.Kind.BASE_UNAVAILABLE);
    assertThat(((BuildOutcome.Failed) outcome).message()).contains("'base:2' cannot be had");
    assertThat(fixture.log.said()).contains("Only base:1 is here.");
  }

  @Test
  void copyTakesFilesDirectoriesAndPatternsFromMountsAndTheRecipe() throws Exception {
    MountId mount =
        fixture.source.mount(
            "mo-1", Map.of("/app/a.py", "a", "/app/sub/b.py", "b", "/app/c.txt", "from the mount"));
    List<ContextFile> files =
        List.of(
            BuildFixture.file("/app/c.txt", "from the recipe"), BuildFixture.file("/.req", "r"));

    BuildOutcome outcome =
        fixture.build(
            "one",
            List.of(mount),
            files,
            new BuildStep.Copy(List.of("app"), "/code"),
            new BuildStep.Copy(List.of("/app/*.py"), "/scripts/"),
            new BuildStep.Copy(List.of("/.req"), "/lib/requirements"),
            new BuildStep.Copy(List.of("/.req"), "/etc"));

    assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
    Path diff = fixture.diff("one");
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
    List<ContextFile> files = List.of(BuildFixture.file("/escaped-from-a-build", "x"));
    fixture.build(
        "one", List.of(), files, new BuildStep.Copy(List.of("/escaped-from-a-build"), "/out/"));
    assertThat(fixture.diff("one").resolve("tmp/escaped-from-a-build")).hasContent("x");
    assertThat(Path.of("/tmp/escaped-from-a-build")).doesNotExist();

    for (String pattern : List.of("../etc/passwd", "missing")) {
      BuildOutcome outcome = fixture.build("two", new BuildStep.Copy(List.of(pattern), "/x"));
      assertThat(((BuildOutcome.Failed) outcome).kind()).isEqualTo(BuildOutcome.Kind.INVALID);
      assertThat(((BuildOutcome.Failed) outcome).message()).contains(pattern);
    }
  }
}
