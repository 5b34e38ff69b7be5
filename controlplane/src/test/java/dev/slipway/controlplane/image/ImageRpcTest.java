package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.BaseImage;
import dev.slipway.protocol.modal.FileDescriptor;
import dev.slipway.protocol.modal.GPUConfig;
import dev.slipway.protocol.modal.GenericResult.GenericStatus;
import dev.slipway.protocol.modal.ImageBuildChainGetRequest;
import dev.slipway.protocol.modal.ImageBuildStep;
import dev.slipway.protocol.modal.ImageContextFile;
import dev.slipway.protocol.modal.ImageFromIdRequest;
import dev.slipway.protocol.modal.ImageGetOrCreateRequest;
import dev.slipway.protocol.modal.ImageGetOrCreateResponse;
import dev.slipway.protocol.modal.ImageJoinStreamingRequest;
import dev.slipway.protocol.modal.ImageJoinStreamingResponse;
import dev.slipway.protocol.modal.ImageMetadata;
import dev.slipway.protocol.modal.ImageRegistryConfig;
import dev.slipway.protocol.modal.TaskLogs;
import dev.slipway.protocol.modal.VolumeMount;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Images as clients ask for them.
@Tag("integration")
class ImageRpcTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final Instant NOW = Instant.parse("2026-11-25T08:00:00Z");
  private static final RpcContext CALLER =
      new RpcContext(
          new Caller.Client(new WorkspaceId("ac-ours"), "ak-1"),
          ClientVersion.parse("1.6.4"),
          ClientKind.PYTHON,
          Optional.empty());

  private final FakeBuildMachines machines = new FakeBuildMachines();
  private final BuildLogs logs = new BuildLogs();
  private final FakeBuildSecrets secrets = new FakeBuildSecrets();
  private final Images images = open();
  private final ImageRpc rpc =
      new ImageRpc(images, (client, builder, lines) -> {}, Clock.fixed(NOW, ZoneOffset.UTC));

  private Images open() {
    return Images.open(
        new ImageStore(FIXTURE.database().jdbi()),
        logs,
        new FakeContextMounts(),
        secrets,
        machines,
        IdSource.secure(),
        Clock.fixed(NOW, ZoneOffset.UTC),
        BuildLimits.usual());
  }

  @BeforeEach
  void clear() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("truncate image, image_cache, image_log"));
  }

  @AfterEach
  void close() {
    images.close();
  }

  @Test
  void tellsTheStoryOfABuildAndAnswersAtOnceAfterwards() throws InterruptedException {
    ImageGetOrCreateResponse begun = rpc.getOrCreate(CALLER, debianSlim().build());
    BuildRequest order = machines.takeStarted();
    logs.append(
        order.id(),
        List.of(
            new BuildLogEntry(BuildLogEntry.Stream.SYSTEM, 1_500_000_000L, "Step 1\n"),
            new BuildLogEntry(BuildLogEntry.Stream.STDERR, 2_000_000_000L, "oh\n")));
    machines.succeed(order);
    List<ImageJoinStreamingResponse> told = join(begun.getImageId(), "");
    ImageGetOrCreateResponse hit = rpc.getOrCreate(CALLER, debianSlim().build());

    assertThat(begun.getImageId()).matches("im-[0-9A-Za-z]{22}");
    assertThat(begun.getResult().getStatus()).isEqualTo(GenericStatus.GENERIC_STATUS_UNSPECIFIED);
    assertThat(order.contextFiles()).extracting(InlineFile::path).containsExactly("/r.txt");
    assertThat(told.stream().flatMap(reply -> reply.getTaskLogsList().stream()))
        .containsExactly(
            TaskLogs.newBuilder()
                .setData("Step 1\n")
                .setTimestamp(1.5)
                .setTimestampNs(1_500_000_000L)
                .setFileDescriptor(FileDescriptor.FILE_DESCRIPTOR_INFO)
                .build(),
            TaskLogs.newBuilder()
                .setData("oh\n")
                .setTimestamp(2)
                .setTimestampNs(2_000_000_000L)
                .setFileDescriptor(FileDescriptor.FILE_DESCRIPTOR_STDERR)
                .build());
    ImageJoinStreamingResponse end = told.getLast();
    assertThat(end.getResult().getStatus()).isEqualTo(GenericStatus.GENERIC_STATUS_SUCCESS);
    assertThat(end.getEof()).isTrue();
    ImageMetadata metadata =
        ImageMetadata.newBuilder()
            .setImageBuilderVersion("2024.10")
            .setPythonVersionInfo("Python 3.11.7 (main)")
            .putPythonPackages("pip", "24.0")
            .setLibcVersionInfo("glibc 2.36")
            .setWorkdir("/work")
            .build();
    assertThat(end.getMetadata()).isEqualTo(metadata);
    assertThat(hit.getImageId()).isEqualTo(begun.getImageId());
    assertThat(hit.getResult().getStatus()).isEqualTo(GenericStatus.GENERIC_STATUS_SUCCESS);
    assertThat(hit.getMetadata()).isEqualTo(metadata);
    assertThat(
            rpc.fromId(
                    CALLER, ImageFromIdRequest.newBuilder().setImageId(begun.getImageId()).build())
                .getMetadata())
        .isEqualTo(metadata);
  }

  @Test
  void thePlatformsLinesBeginBehindWhatACommandWroteWithoutALineEnd() throws InterruptedException {
    ImageGetOrCreateResponse begun = rpc.getOrCreate(CALLER, debianSlim().build());
    BuildRequest order = machines.takeStarted();
    logs.append(order.id(), List.of(said("x")));
    logs.append(
        order.id(),
        List.of(
            new BuildLogEntry(BuildLogEntry.Stream.STDERR, 1, "a whole one\n"),
            said("yz"),
            new BuildLogEntry(BuildLogEntry.Stream.SYSTEM, 1, "Step 1 took 1.0 s\n"),
            said("more\n"),
            new BuildLogEntry(BuildLogEntry.Stream.STDERR, 1, "open")));
    machines.finish(order, new BuildOutcome.Failed(BuildOutcome.Kind.STEP_FAILED, "oh", 1));

    assertThat(
            join(begun.getImageId(), "").stream()
                .flatMap(reply -> reply.getTaskLogsList().stream()))
        .extracting(TaskLogs::getFileDescriptor, TaskLogs::getData)
        .containsExactly(
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDOUT, "x"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDERR, "a whole one\n"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDOUT, "yz"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDOUT, "\n"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_INFO, "Step 1 took 1.0 s\n"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDOUT, "more\n"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDERR, "open"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_STDERR, "\n"),
            tuple(FileDescriptor.FILE_DESCRIPTOR_INFO, "Failed: oh\n"));
  }

  @Test
  void theBuildsOfAnImagesLayersAreToldFromTheLowestUp() throws InterruptedException {
    String below = rpc.getOrCreate(CALLER, debianSlim().build()).getImageId();
    BuildRequest first = machines.takeStarted();
    logs.append(first.id(), List.of(said("one")));
    machines.succeed(first);
    join(below, "");
    ImageGetOrCreateRequest.Builder child = debianSlim();
    child
        .getImageBuilder()
        .clearDockerfileCommands()
        .addAllDockerfileCommands(List.of("FROM base", "RUN true"))
        .addBaseImages(BaseImage.newBuilder().setDockerTag("base").setImageId(below));
    String above = rpc.getOrCreate(CALLER, child.build()).getImageId();
    BuildRequest second = machines.takeStarted();

    assertThat(builds(above))
        .as("what runs is told after what it stands on")
        .extracting(ImageBuildStep::getBuilderAppId)
        .containsExactly(first.id().value(), second.id().value());
    assertThat(images.listLog(CALLER.workspace(), second.id()))
        .extracting(BuildLogEntry::data)
        .singleElement()
        .asString()
        .contains("Built on " + below + ", which is there with its 2 layers since ");
    machines.finish(
        second, new BuildOutcome.Failed(BuildOutcome.Kind.STEP_FAILED, "step 1 failed", 1));
    join(above, "");
    assertThat(builds(above))
        .as("and so is what failed")
        .extracting(ImageBuildStep::getBuilderAppId)
        .containsExactly(first.id().value(), second.id().value());
    assertThat(rpc.getOrCreate(CALLER, child.build()).getImageId()).isEqualTo(above);
    second = machines.takeStarted();
    machines.succeed(second);
    join(above, "");
    assertThat(builds(above))
        .extracting(ImageBuildStep::getImageId, ImageBuildStep::getBuilderAppId)
        .containsExactly(tuple(below, first.id().value()), tuple(above, second.id().value()));
    ImageBuildStep lowest = builds(above).getFirst();
    assertThat(lowest.getStartedAt().getSeconds())
        .as("not after what it said by another clock")
        .isZero();
    assertThat(images.listLog(CALLER.workspace(), first.id()))
        .extracting(BuildLogEntry::data)
        .containsExactly("one");
    assertThatThrownBy(() -> images.listLog(new WorkspaceId("ac-theirs"), first.id()))
        .as("no other workspace sees it")
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("there is no build");
  }

  private List<ImageBuildStep> builds(String image) {
    return rpc.builds(CALLER, ImageBuildChainGetRequest.newBuilder().setImageId(image).build())
        .getBuildStepsList();
  }

  @Test
  void aForcedBuildAsksForItsBaseAnew() throws InterruptedException {
    rpc.getOrCreate(CALLER, debianSlim().setForceBuild(true).build());
    assertThat(machines.takeStarted().image().base())
        .isEqualTo(new BuildBase.Reference("python:3.11.10-slim-bookworm", true));
  }

  @Test
  void goesOnBehindTheLastEntryThatTheClientSaw() throws InterruptedException {
    String id = rpc.getOrCreate(CALLER, debianSlim().build()).getImageId();
    BuildRequest order = machines.takeStarted();
    logs.append(order.id(), List.of(said("one")));
    logs.append(order.id(), List.of(said("two")));
    machines.succeed(order);

    List<ImageJoinStreamingResponse> rest = join(id, order.id() + ":1");

    assertThat(rest.stream().flatMap(reply -> reply.getTaskLogsList().stream()))
        .extracting(TaskLogs::getData)
        .containsExactly("two");
    assertThat(join(id, rest.getLast().getEntryId())).hasSize(1);
    assertThat(join(id, "nonsense").getFirst().getTaskLogsCount()).isEqualTo(2);
  }

  @Test
  void endsTheStreamWithoutResultWhenTheTimeIsOver() throws InterruptedException {
    String id = rpc.getOrCreate(CALLER, debianSlim().build()).getImageId();
    Told told = new Told();

    rpc.join(
        CALLER,
        ImageJoinStreamingRequest.newBuilder().setImageId(id).setTimeout(0.05f).build(),
        told);

    assertThat(told.replies).isEmpty();
  }

  @Test
  void tellsHowABuildFailed() throws InterruptedException {
    Map<BuildOutcome.Kind, GenericStatus> statuses =
        Map.of(
            BuildOutcome.Kind.STEP_FAILED, GenericStatus.GENERIC_STATUS_FAILURE,
            BuildOutcome.Kind.BASE_UNAVAILABLE, GenericStatus.GENERIC_STATUS_FAILURE,
            BuildOutcome.Kind.TIMEOUT, GenericStatus.GENERIC_STATUS_TIMEOUT,
            BuildOutcome.Kind.CANCELLED, GenericStatus.GENERIC_STATUS_TERMINATED);
    for (Map.Entry<BuildOutcome.Kind, GenericStatus> expected : statuses.entrySet()) {
      String id = rpc.getOrCreate(CALLER, debianSlim().build()).getImageId();
      machines.finish(
          machines.takeStarted(), new BuildOutcome.Failed(expected.getKey(), "step 2 failed", 3));
      List<ImageJoinStreamingResponse> told = join(id, "");
      ImageJoinStreamingResponse end = told.getLast();

      assertThat(
              told.stream()
                  .flatMap(reply -> reply.getTaskLogsList().stream())
                  .map(entry -> entry.getData()))
          .contains("Failed: step 2 failed\n");
      assertThat(end.getResult().getStatus()).isEqualTo(expected.getValue());
      assertThat(end.getResult().getException()).isEqualTo("step 2 failed");
      assertThat(end.getResult().getExitcode()).isEqualTo(3);
      assertThat(end.hasMetadata()).isFalse();
    }
  }

  @Test
  void tellsWhatARecipeSaysBesideItsSteps() throws InterruptedException {
    String id =
        rpc.getOrCreate(
                CALLER,
                request(image ->
                        image
                            .addDockerfileCommands("FROM debian:12")
                            .addDockerfileCommands("COPY --from=bild /a /b")
                            .putBuildArgs("https_proxy", "http://proxy.example")
                            .putBuildArgs("UNUSED", "1"))
                    .build())
            .getImageId();
    BuildRequest order = machines.takeStarted();
    machines.finish(
        order,
        new BuildOutcome.Failed(
            BuildOutcome.Kind.BASE_UNAVAILABLE, "'bild' cannot be had: nobody has it.", 0));
    List<ImageJoinStreamingResponse> told = join(id, "");

    assertThat(order.asides().proxies()).isEqualTo(Map.of("https_proxy", "http://proxy.example"));
    assertThat(
            told.stream()
                .flatMap(reply -> reply.getTaskLogsList().stream())
                .map(entry -> entry.getData()))
        .contains("No ARG of the recipe uses the build argument 'UNUSED'.\n");
    assertThat(told.getLast().getResult().getException())
        .isEqualTo(
            "'bild' cannot be had: nobody has it. 'bild' is no stage either: no stage with a name comes before line 2 of the recipe.");
  }

  @Test
  void sparesLateComersTheLogUnlessTheyAskForIt() throws InterruptedException {
    String id = rpc.getOrCreate(CALLER, debianSlim().build()).getImageId();
    BuildRequest order = machines.takeStarted();
    logs.append(order.id(), List.of(said("one")));
    machines.succeed(order);
    join(id, "");
    ImageRpc later =
        new ImageRpc(
            images,
            (client, builder, lines) -> {},
            Clock.fixed(NOW.plus(Duration.ofHours(1)), ZoneOffset.UTC));
    Told without = new Told();
    Told with = new Told();
    ImageJoinStreamingRequest request =
        ImageJoinStreamingRequest.newBuilder().setImageId(id).setTimeout(5).build();

    later.join(CALLER, request, without);
    later.join(CALLER, request.toBuilder().setIncludeLogsForFinished(true).build(), with);

    assertThat(without.replies).singleElement().matches(reply -> reply.getTaskLogsCount() == 0);
    assertThat(with.replies).hasSize(2);
  }

  @Test
  void takesTheImageThatABaseNames() throws InterruptedException {
    String parent = rpc.getOrCreate(CALLER, debianSlim().build()).getImageId();
    machines.succeed(machines.takeStarted());
    join(parent, "");
    rpc.getOrCreate(
        CALLER,
        request(
                image -> {
                  image.addDockerfileCommands("FROM base").addDockerfileCommands("ENV A='b c'");
                  image.addBaseImages(
                      BaseImage.newBuilder().setDockerTag("base").setImageId(parent));
                })
            .build());

    assertThat(machines.takeStarted().image().base())
        .isInstanceOfSatisfying(
            BuildBase.Parent.class, base -> assertThat(base.image().value()).isEqualTo(parent));
  }

  @Test
  void refusesWhatItCannotDoYet() {
    List<ImageGetOrCreateRequest.Builder> requests =
        List.of(
            request(image -> image.addVolumeMounts(VolumeMount.getDefaultInstance())),
            request(image ->
                image.setImageRegistryConfig(
                    ImageRegistryConfig.newBuilder().setRegistryAuthTypeValue(99))));

    assertThat(requests)
        .allSatisfy(request ->
            assertThatThrownBy(() -> rpc.getOrCreate(CALLER, request.build()))
                .hasMessageContaining("does not support")
                .extracting(e -> ((SlipwayException) e).kind())
                .isEqualTo(ErrorKind.UNSUPPORTED));
    ImageGetOrCreateRequest gpu =
        request(image -> image.setGpuConfig(GPUConfig.newBuilder().setGpuType("T4"))).build();
    assertThatThrownBy(() -> rpc.getOrCreate(CALLER, gpu))
        .hasMessageContaining("asks for a GPU (T4), and no worker of this server has one");
    assertThatThrownBy(() -> rpc.getOrCreate(CALLER, debianSlim().setBuilderVersion("").build()))
        .hasMessageContaining("builder version");
  }

  private List<ImageJoinStreamingResponse> join(String id, String lastEntryId)
      throws InterruptedException {
    Told told = new Told();
    rpc.join(
        CALLER,
        ImageJoinStreamingRequest.newBuilder()
            .setImageId(id)
            .setTimeout(20)
            .setLastEntryId(lastEntryId)
            .build(),
        told);
    return told.replies;
  }

  private static BuildLogEntry said(String text) {
    return new BuildLogEntry(BuildLogEntry.Stream.STDOUT, 1, text);
  }

  private static ImageGetOrCreateRequest.Builder debianSlim() {
    return request(image ->
        image
            .addDockerfileCommands("FROM python:3.11.10-slim-bookworm")
            .addDockerfileCommands("COPY /r.txt /r.txt")
            .addContextFiles(
                ImageContextFile.newBuilder()
                    .setFilename("/r.txt")
                    .setData(ByteString.copyFromUtf8("aiohttp==3.10.8"))));
  }

  private static ImageGetOrCreateRequest.Builder request(
      Consumer<dev.slipway.protocol.modal.Image.Builder> fill) {
    dev.slipway.protocol.modal.Image.Builder image = dev.slipway.protocol.modal.Image.newBuilder();
    fill.accept(image);
    return ImageGetOrCreateRequest.newBuilder()
        .setAppId("ap-one")
        .setBuilderVersion("2024.10")
        .setImage(image);
  }

  /// What a client was told.
  private static final class Told implements Replies<ImageJoinStreamingResponse> {
    private final List<ImageJoinStreamingResponse> replies = new ArrayList<>();

    @Override
    public void send(ImageJoinStreamingResponse reply) {
      replies.add(reply);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }
  }
}
