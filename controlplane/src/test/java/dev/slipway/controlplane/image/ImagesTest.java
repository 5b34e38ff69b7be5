package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
class ImagesTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId OURS = new WorkspaceId("ac-ours");
  private static final WorkspaceId THEIRS = new WorkspaceId("ac-theirs");
  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeBuildMachines machines = new FakeBuildMachines();
  private final BuildLogs logs = new BuildLogs();
  private final ImageStore store = new ImageStore(FIXTURE.database().jdbi());
  private Images images = open();

  private Images open() {
    return Images.open(
        store,
        logs,
        new FakeContextMounts(),
        new FakeBuildSecrets(),
        machines,
        IdSource.secure(),
        Clock.systemUTC(),
        BuildLimits.usual());
  }

  @BeforeEach
  void clear() {
    images.close();
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("truncate image, image_cache, image_log"));
    images = open();
  }

  @AfterEach
  void close() {
    images.close();
  }

  @Test
  void buildsOnceAndAnswersFromTheCacheAfterwards() throws InterruptedException {
    Image building = images.getOrCreate(OURS, debian());
    BuildRequest order = machines.takeStarted();
    machines.succeed(order);
    Image built = awaitEnd(building.id());
    Image again = images.getOrCreate(OURS, debian());

    assertThat(building.state()).isEqualTo(new Image.State.Building());
    assertThat(order.image().base()).isEqualTo(new BuildBase.Reference("debian:12", false));
    assertThat(order.image().steps()).hasSize(1);
    assertThat(order.image().layerId()).isEqualTo("ly-" + building.id().value().substring(3));
    assertThat(again).isEqualTo(built);
    assertThat(images.require(OURS, again.id()).contents())
        .isEqualTo(FakeBuildMachines.contents(order));
    assertThat(images.require(OURS, again.id()).builderVersion()).isEqualTo("2025.06");
    assertThat(machines.listStarted()).isEmpty();
  }

  @Test
  void aDeletedImageIsGoneAndIsBuiltAnewWhenItIsAskedFor() throws InterruptedException {
    BuiltImage built = build(debian());
    assertThatThrownBy(() -> images.delete(THEIRS, built.id()))
        .hasMessageContaining("there is no image");
    images.delete(OURS, built.id());
    assertThatThrownBy(() -> images.require(OURS, built.id()))
        .hasMessageContaining("there is no image " + built.id());
    assertThat(images.getOrCreate(OURS, debian()).state()).isEqualTo(new Image.State.Building());
    assertThatThrownBy(() -> images.delete(OURS, built.id())).hasMessageContaining("is not built");
  }

  @Test
  void stacksAnImageOnItsParent() throws InterruptedException {
    BuiltImage parent = build(debian());
    Image child =
        images.getOrCreate(OURS, request(Map.of("base", parent.id()), "FROM base", "RUN more"));
    BuildRequest order = machines.takeStarted();
    machines.succeed(order);
    awaitEnd(child.id());

    assertThat(order.image().base())
        .isEqualTo(new BuildBase.Parent(parent.id(), parent.layerIds(), parent.config()));
    assertThat(images.require(OURS, child.id()).layerIds())
        .startsWith(parent.layerIds().toArray(String[]::new))
        .endsWith(order.image().layerId());
  }

  @Test
  void buildsEqualRecipesOnceWhoeverAsksMeanwhile() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Image>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(() -> images.getOrCreate(OURS, debian()));
      }
      List<Future<Image>> answers = callers.invokeAll(calls);
      machines.succeed(machines.takeStarted());
      ImageId id = answers.getFirst().get().id();
      awaitEnd(id);

      assertThat(answers).allSatisfy(answer -> assertThat(answer.get().id()).isEqualTo(id));
      assertThat(machines.listStarted()).isEmpty();
    }
  }

  @Test
  void doesNotCacheFailures() throws InterruptedException {
    BuildOutcome.Failed failure =
        new BuildOutcome.Failed(
            BuildOutcome.Kind.STEP_FAILED, "step 1, RUN something, ended with exit code 7", 7);
    Image first = images.getOrCreate(OURS, debian());
    machines.finish(machines.takeStarted(), failure);
    Image failed = awaitEnd(first.id());

    assertThat(failed.state())
        .isInstanceOfSatisfying(
            Image.State.Failed.class, state -> assertThat(state.failure()).isEqualTo(failure));
    assertThatThrownBy(() -> images.require(OURS, first.id()))
        .hasMessageContaining("exit code 7")
        .extracting(e -> ((SlipwayException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);

    Image second = images.getOrCreate(OURS, debian());
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.build()).isNotEqualTo(first.build());
    machines.succeed(machines.takeStarted());
    assertThat(awaitEnd(second.id()).state()).isInstanceOf(Image.State.Built.class);
  }

  @Test
  void replacesTheCachedImageByAForcedBuildAndRebuildsWhatStandsOnIt() throws InterruptedException {
    BuiltImage before = build(debian());
    BuiltImage forced = build(debian(ImageRequest.Freshness.REBUILT));

    assertThat(forced.id()).isNotEqualTo(before.id());
    assertThat(images.getOrCreate(OURS, debian()).id()).isEqualTo(forced.id());
    assertThat(images.require(OURS, before.id()).layerIds()).isEqualTo(before.layerIds());
    assertThat(images.getOrCreate(OURS, request(Map.of("base", before.id()), "FROM base")).id())
        .isNotEqualTo(
            images.getOrCreate(OURS, request(Map.of("base", forced.id()), "FROM base")).id());
  }

  @Test
  void keepsTheCachedImageThroughAForcedBuildThatFails() throws InterruptedException {
    BuiltImage before = build(debian());
    Image forced = images.getOrCreate(OURS, debian(ImageRequest.Freshness.REBUILT));
    machines.finish(
        machines.takeStarted(), new BuildOutcome.Failed(BuildOutcome.Kind.MACHINE, "full", 0));
    awaitEnd(forced.id());

    assertThat(images.getOrCreate(OURS, debian()).id()).isEqualTo(before.id());
  }

  @Test
  void leavesTheCacheAloneWhenItIsToBeIgnored() throws InterruptedException {
    BuiltImage before = build(debian());
    BuiltImage fresh = build(debian(ImageRequest.Freshness.UNCACHED));

    assertThat(fresh.id()).isNotEqualTo(before.id());
    assertThat(images.getOrCreate(OURS, debian()).id()).isEqualTo(before.id());
  }

  @Test
  void countsContentsAndNotTheirIds() throws InterruptedException {
    BuiltImage first = build(copying("one", "mo-aaa"));

    assertThat(images.getOrCreate(OURS, copying("one", "mo-bbb")).id()).isEqualTo(first.id());
    assertThat(images.getOrCreate(OURS, copying("two", "mo-aaa")).id()).isNotEqualTo(first.id());
    assertThat(images.getOrCreate(OURS, copying("one", "mo-aaaa")).id()).isNotEqualTo(first.id());
  }

  @Test
  void hidesTheImagesOfOtherWorkspaces() throws InterruptedException {
    BuiltImage ours = build(debian());
    Image theirs = images.getOrCreate(THEIRS, debian());

    assertThat(theirs.id()).isNotEqualTo(ours.id());
    assertThat(machines.takeStarted().image().layerId()).isNotEqualTo(ours.layerIds().getLast());
    for (ImageId unknown : List.of(ours.id(), new ImageId("im-nowhere"))) {
      assertThatThrownBy(() -> images.require(THEIRS, unknown))
          .hasMessage("there is no image " + unknown);
      assertThatThrownBy(
              () -> images.getOrCreate(THEIRS, request(Map.of("base", unknown), "FROM base")))
          .hasMessage("there is no image " + unknown);
      assertThatThrownBy(() -> images.follow(THEIRS, unknown, LogPosition.START, Duration.ZERO))
          .hasMessage("there is no image " + unknown);
    }
  }

  @Test
  void refusesWhatCannotBeBuilt() {
    assertThatThrownBy(() -> images.getOrCreate(OURS, request(Map.of(), "FROM base")))
        .hasMessageContaining("FROM base");
    assertThatThrownBy(() -> images.getOrCreate(OURS, request(Map.of(), "FROM x", "NONSENSE y")))
        .hasMessageContaining("line 2")
        .hasMessageContaining("NONSENSE y");
    assertThat(machines.listStarted()).isEmpty();
  }

  @Test
  void showsTheLogLiveAndAgainFromAnyPoint() throws Exception {
    Image image = images.getOrCreate(OURS, debian());
    BuildRequest order = machines.takeStarted();
    try (ExecutorService followers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<BuildProgress> live =
          followers.submit(() -> images.follow(OURS, image.id(), LogPosition.START, LONG));
      logs.append(order.id(), List.of(said("first\n"), said("sec")));
      BuildProgress begin = live.get();
      assertThat(begin.entries()).extracting(BuildLogEntry::data).startsWith("first\n");

      LogPosition middle = new LogPosition(order.id().value(), 1);
      logs.append(order.id(), List.of(said("ond \u0000\u00e4\n")));
      machines.succeed(order);

      BuildProgress rest = images.follow(OURS, image.id(), middle, LONG);
      assertThat(String.join("", rest.entries().stream().map(BuildLogEntry::data).toList()))
          .isEqualTo("second \u0000\u00e4\n");
      BuildProgress end = images.follow(OURS, image.id(), rest.position(), LONG);
      assertThat(end.entries()).isEmpty();
      assertThat(end.ended().orElseThrow().state()).isInstanceOf(Image.State.Built.class);
      assertThat(LogPosition.parse(rest.position().toString())).isEqualTo(rest.position());
    }
  }

  @Test
  void givesUpFollowingWhenTheTimeIsOver() throws InterruptedException {
    Image image = images.getOrCreate(OURS, debian());

    BuildProgress progress =
        images.follow(OURS, image.id(), LogPosition.START, Duration.ofMillis(20));

    assertThat(progress.entries()).isEmpty();
    assertThat(progress.ended()).isEmpty();
  }

  @Test
  void startsTheLogAgainWithANewAttempt() throws InterruptedException {
    Image image = images.getOrCreate(OURS, debian());
    BuildRequest first = machines.takeStarted();
    logs.append(first.id(), List.of(said("old"), said("older")));
    machines.finish(first, new BuildOutcome.Failed(BuildOutcome.Kind.MACHINE, "full", 0));
    awaitEnd(image.id());
    images.getOrCreate(OURS, debian());
    BuildRequest second = machines.takeStarted();
    logs.append(first.id(), List.of(said("too late")));
    logs.append(second.id(), List.of(said("new")));

    assertThat(
            images.follow(OURS, image.id(), new LogPosition(first.id().value(), 2), LONG).entries())
        .extracting(BuildLogEntry::data)
        .containsExactly("new");
  }

  @Test
  void dropsTheBeginningOfALogThatIsTooLong() throws InterruptedException {
    Image image = images.getOrCreate(OURS, debian());
    BuildRequest order = machines.takeStarted();
    String piece = "x".repeat((int) OngoingBuild.LOG_PIECE_BYTES);
    long pieces = OngoingBuild.MOST_LOG_BYTES / OngoingBuild.LOG_PIECE_BYTES + 2;
    for (int i = 0; i < pieces; i++) {
      logs.append(order.id(), List.of(said(piece)));
    }

    List<ImageStore.Logged> kept = store.listLog(image.build(), 0, 1_000);
    assertThat(kept).hasSize((int) pieces - 2);
    assertThat(kept.getLast().sequence()).isEqualTo(pieces);
  }

  @Test
  void queuesBuildsAndLetsAppsTakeTurns() throws InterruptedException {
    for (int i = 0; i < Builds.MOST_AT_ONCE + 2; i++) {
      images.getOrCreate(OURS, request("ap-big", "FROM x", "RUN " + i));
    }
    Image small = images.getOrCreate(OURS, request("ap-small", "FROM x", "RUN small"));
    List<BuildRequest> running = new ArrayList<>();
    for (int i = 0; i < Builds.MOST_AT_ONCE; i++) {
      running.add(machines.takeStarted());
    }

    assertThat(machines.listStarted()).isEmpty();
    assertThat(images.follow(OURS, small.id(), LogPosition.START, LONG).entries())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.stream()).isEqualTo(BuildLogEntry.Stream.SYSTEM);
          assertThat(entry.data()).startsWith("Waiting: 4 images are being built");
        });
    machines.succeed(running.get(0));
    machines.takeStarted();
    machines.succeed(running.get(1));
    assertThat(machines.takeStarted().id()).isEqualTo(small.build());
  }

  @Test
  void answersWhoWaitsWhenTheServerStops() throws InterruptedException {
    Image image = images.getOrCreate(OURS, debian());
    BuildRequest order = machines.takeStarted();

    images.close();

    assertInterrupted(awaitEnd(image.id()));
    assertThat(machines.reasonOfCancel(order.id())).isEqualTo("the server is stopping");
    assertThatThrownBy(() -> images.getOrCreate(OURS, debian()))
        .hasMessage("the server is stopping");
  }

  @Test
  void endsWhatAServerBeforeLeftUnfinished() throws InterruptedException {
    Image image = images.getOrCreate(OURS, debian());
    machines.takeStarted();

    // Another server on the same database, as after a kill.
    try (Images next =
        Images.open(
            store,
            new BuildLogs(),
            new FakeContextMounts(),
            new FakeBuildSecrets(),
            machines,
            IdSource.secure(),
            Clock.systemUTC(),
            BuildLimits.usual())) {
      assertInterrupted(
          next.follow(OURS, image.id(), LogPosition.START, LONG).ended().orElseThrow());
      assertThat(next.getOrCreate(OURS, debian()).build()).isNotEqualTo(image.build());
    }
  }

  private static void assertInterrupted(Image image) {
    assertThat(image.state())
        .isInstanceOfSatisfying(
            Image.State.Failed.class,
            state -> assertThat(state.failure()).isEqualTo(Builds.interrupted()));
  }

  private BuiltImage build(ImageRequest request) throws InterruptedException {
    Image image = images.getOrCreate(OURS, request);
    machines.succeed(machines.takeStarted());
    awaitEnd(image.id());
    return images.require(OURS, image.id());
  }

  private Image awaitEnd(ImageId id) throws InterruptedException {
    LogPosition position = LogPosition.START;
    while (true) {
      BuildProgress progress = images.follow(OURS, id, position, LONG);
      position = progress.position();
      if (progress.ended().isPresent()) {
        return progress.ended().get();
      }
      assertThat(progress.entries()).as("the build ends in time").isNotEmpty();
    }
  }

  private static BuildLogEntry said(String text) {
    return new BuildLogEntry(BuildLogEntry.Stream.STDOUT, 1_700_000_000_000_000_000L, text);
  }

  private static ImageRequest debian() {
    return debian(ImageRequest.Freshness.CACHED);
  }

  private static ImageRequest debian(ImageRequest.Freshness freshness) {
    return new ImageRequest(
        "2025.06",
        List.of("FROM debian:12", "RUN something"),
        Map.of(),
        Map.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "ap-one",
        freshness);
  }

  private static ImageRequest request(Map<String, ImageId> parents, String... lines) {
    return new ImageRequest(
        "2025.06",
        List.of(lines),
        Map.of(),
        parents,
        List.of(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "ap-one",
        ImageRequest.Freshness.CACHED);
  }

  private static ImageRequest request(String app, String... lines) {
    return new ImageRequest(
        "2025.06",
        List.of(lines),
        Map.of(),
        Map.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        app,
        ImageRequest.Freshness.CACHED);
  }

  private static ImageRequest copying(String content, String mount) {
    return new ImageRequest(
        "2025.06",
        List.of("FROM x", "COPY . /"),
        Map.of(),
        Map.of(),
        List.of(new InlineFile("/f", content.getBytes(StandardCharsets.UTF_8))),
        Optional.of(new MountId(mount)),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "ap-one",
        ImageRequest.Freshness.CACHED);
  }
}
