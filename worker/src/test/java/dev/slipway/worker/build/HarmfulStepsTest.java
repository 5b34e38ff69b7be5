package dev.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.worker.layer.LayerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Steps that would take all there is. The disk is a small one, the commands are pieces of Java.
@Tag("integration")
class HarmfulStepsTest {
  private static final int DISK_MEBIBYTES = 8;

  @TempDir Path directory;
  private BuildFixture fixture;

  @BeforeEach
  void open() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MEBIBYTES + "m", "small", "" + directory);
    open(new BuildRoom(Long.MAX_VALUE, 0));
  }

  private void open(BuildRoom room) throws IOException {
    fixture = BuildFixture.open(directory.resolve("worker"), room);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    try {
      fixture.assertNothingIsLeft();
    } finally {
      run("umount", "-l", "" + directory);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void aStepThatFillsTheDiskFailsWithThatReasonAndMakesRoomAgain() throws Exception {
    BuildOrder.ContextFile large =
        new BuildOrder.ContextFile("/large", new byte[(DISK_MEBIBYTES - 2) << 20]);

    BuildOutcome outcome =
        fixture.buildRecipe("one", List.of(large), "FROM base:1", "COPY large /large");

    assertThat(outcome)
        .isInstanceOfSatisfying(
            BuildOutcome.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(BuildOutcome.Kind.MACHINE);
              assertThat(failed.message()).contains("the disk of this machine is full");
            });
    assertThat(fixture.layers.find(new LayerId("one"))).isEmpty();
    // All that it took is free again.
    assertThat(fixture.buildRecipe("two", List.of(), "FROM base:1", "RUN write /etc/a text"))
        .isInstanceOf(BuildOutcome.Built.class);
    assertThat(Files.getFileStore(directory).getUsableSpace())
        .isGreaterThan((long) (DISK_MEBIBYTES - 1) << 20);
  }

  @Test
  void aStepThatWritesMoreThanALayerMayHaveIsStopped() throws Exception {
    open(new BuildRoom(2 << 20, 0));

    assertStopped(
        fixture.build("one", BuildFixture.run("fill /etc/large 3")),
        BuildOutcome.Kind.INVALID,
        "step 1 (Run) was stopped: its layer has 3 MiB already, and a layer may have 2 MiB");
    assertThat(fixture.build("two", BuildFixture.run("write /etc/a text")))
        .isInstanceOf(BuildOutcome.Built.class);
  }

  @Test
  void buildsEndBeforeTheDiskIsFull() throws Exception {
    open(new BuildRoom(Long.MAX_VALUE, 4 << 20));

    assertStopped(
        fixture.build("one", BuildFixture.run("fill /etc/large 5")),
        BuildOutcome.Kind.MACHINE,
        "step 1 (Run) was stopped: the disk of this machine is full");
    Path others = Files.write(directory.resolve("others"), new byte[5 << 20]);
    assertStopped(
        fixture.build("two", BuildFixture.run("write /etc/a text")),
        BuildOutcome.Kind.MACHINE,
        "the build was stopped: the disk of this machine is full");
    Files.delete(others);
    assertThat(fixture.build("two", BuildFixture.run("write /etc/a text")))
        .isInstanceOf(BuildOutcome.Built.class);
  }

  @Test
  void theLargestLayerEndsWhenTheDiskIsFullAndTheOthersGoOn() throws Exception {
    open(new BuildRoom(Long.MAX_VALUE, 4 << 20));
    CompletableFuture<BuildOutcome> small = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                small.complete(fixture.build("small", BuildFixture.run("fill /etc/small 1")));
              } catch (InterruptedException e) {
                small.completeExceptionally(e);
              }
            });
    Awaitility.await()
        .until(() -> Files.getFileStore(directory).getUsableSpace() < DISK_MEBIBYTES - 1 << 20);

    assertStopped(
        fixture.build("one", BuildFixture.run("fill /etc/large 4")),
        BuildOutcome.Kind.MACHINE,
        "step 1 (Run) was stopped: the disk of this machine is full");

    thread.interrupt();
    assertThatThrownBy(small::join).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void aCacheThatFillsTheDiskGoesWithTheStep() throws Exception {
    open(new BuildRoom(Long.MAX_VALUE, 4 << 20));
    String mount = "--mount=type=cache,id=c,target=/c ";

    assertStopped(
        fixture.buildRecipe("one", List.of(), "FROM base:1", "RUN " + mount + "fill /c/large 5"),
        BuildOutcome.Kind.MACHINE,
        "step 1 (RUN " + mount + "fill /c/large 5) was stopped: the disk of this machine is full");

    assertThat(directory.resolve("worker/build-caches")).isEmptyDirectory();
    assertThat(fixture.build("two", BuildFixture.run("write /etc/a text")))
        .isInstanceOf(BuildOutcome.Built.class);
  }

  @Test
  void aCacheThatHasOutgrownItsLimitIsGivenUp() throws Exception {
    Path caches = directory.resolve("worker/build-caches");
    String small = "RUN --mount=type=cache,id=c,target=/c append /c/a text";
    assertThat(fixture.buildRecipe("one", List.of(), "FROM base:1", small))
        .isInstanceOf(BuildOutcome.Built.class);
    assertThat(caches).isNotEmptyDirectory();

    String large = "x".repeat((int) BuildFixture.MOST_CACHED);
    String more = "RUN --mount=type=cache,id=c,target=/c append /c/a " + large;
    fixture.buildRecipe("two", List.of(), "FROM base:1", more);

    assertThat(caches).isEmptyDirectory();
  }

  private void assertStopped(BuildOutcome outcome, BuildOutcome.Kind kind, String why) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            BuildOutcome.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(kind);
              assertThat(failed.message()).startsWith(why);
            });
    assertThat(fixture.layers.find(new LayerId("one"))).isEmpty();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aStepThatNeverEndsIsStoppedWithTheBuildsTimeout() throws Exception {
    BuildOutcome outcome =
        fixture.build("one", Duration.ofMillis(200), BuildFixture.run("forever"));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            BuildOutcome.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(BuildOutcome.Kind.TIMEOUT);
              assertThat(failed.message()).contains("step 1", "was stopped");
            });
    assertThat(fixture.layers.find(new LayerId("one"))).isEmpty();
  }
}
