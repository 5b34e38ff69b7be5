package dev.slipway.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.ImageConfig;
import dev.slipway.protocol.worker.ImageReference;
import dev.slipway.protocol.worker.MountReference;
import dev.slipway.protocol.worker.Network;
import dev.slipway.protocol.worker.Resources;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.protocol.worker.StopTask;
import dev.slipway.protocol.worker.TaskExited;
import dev.slipway.protocol.worker.TaskStarted;
import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.cleanup.Leftovers;
import dev.slipway.worker.cleanup.StorageAdapter;
import dev.slipway.worker.container.CrunRuntime;
import dev.slipway.worker.container.RuntimePrograms;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.machine.Directories;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.network.HostAccess;
import dev.slipway.worker.network.NetworkPool;
import dev.slipway.worker.network.Resolvers;
import dev.slipway.worker.relay.TaskSockets;
import dev.slipway.worker.rootfs.BytecodeLayers;
import dev.slipway.worker.rootfs.FakeContentSource;
import dev.slipway.worker.rootfs.MountTrees;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystems;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A whole worker with real containers, ordered about by the test. Needs root.
@Tag("integration")
@Timeout(90)
class AgentTest {
  private static final String LAYER = "la-small";

  private Path directory;
  private Installation installation;
  private FakeFleet fleet;
  private ManagedChannel channel;
  private NetworkPool network;
  private TaskSockets sockets;
  private LogShipper logs;
  private Agent agent;

  @BeforeEach
  void attach() throws Exception {
    directory = Files.createTempDirectory("sw");
    installation = Installation.of(directory.resolve("w"));
    fleet = new FakeFleet();
    channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", fleet.port()))
            .usePlaintext()
            .build();
    network = NetworkPool.open(installation, new Resolvers("", List.of()));
    CrunRuntime runtime =
        new CrunRuntime(
            installation,
            RuntimePrograms.find(),
            new Cgroups(CgroupLayout.detect(), installation.cgroup()),
            network,
            new HostAccess("", Optional.empty(), Map.of()),
            Clock.systemUTC());
    Path home = installation.directory();
    LayerStore layers = LayerStore.open(home, Clock.systemUTC());
    SmallImage.store(layers, LAYER);
    FakeContentSource content = new FakeContentSource();
    content.mount("mo-1", Map.of("/root/greeting.txt", "hello from a mount\n"));
    OverlayRoots overlays = OverlayRoots.open(home, layers.uses());
    MountTrees mounts = MountTrees.open(home, content, layers.uses());
    RootFilesystems roots =
        new RootFilesystems(
            overlays, layers, mounts, new BytecodeLayers(layers, overlays, runtime));
    sockets = new TaskSockets(directory.resolve("s"), channel);
    logs = new LogShipper(channel);
    agent =
        new Agent(
            new Agent.Identity("wk-1", 2_000, 4_096, 8_192, "http://blobs"),
            channel,
            new TaskStarter(
                roots,
                sockets,
                runtime,
                (order, references) -> {
                  throw new AssertionError("no task here keeps what it wrote");
                },
                Clock.systemUTC()),
            (order, log) -> BuildFinished.newBuilder().setBuildId(order.getBuildId()).build(),
            new StorageAdapter(layers, mounts, Clock.systemUTC()),
            logs,
            Clock.systemUTC());
    agent.start();
    assertThat(fleet.nextHello().getRunningTaskIdsList()).isEmpty();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    agent.close();
    List<Path> openSockets;
    try (Stream<Path> entries = Files.list(directory.resolve("s"))) {
      openSockets = entries.toList();
    }
    logs.close();
    sockets.close();
    network.close();
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    fleet.close();
    Leftovers.Removed left =
        new Leftovers(installation, new Cgroups(CgroupLayout.detect(), installation.cgroup()))
            .remove();
    Directories.delete(directory);
    // Asked before, so that a failure leaves nothing on the machine either.
    assertThat(openSockets).isEmpty();
    assertThat(left.containers()).isEmpty();
    assertThat(left.mounts()).isZero();
    assertThat(left.namespaces()).isEmpty();
    assertThat(left.interfaces()).isEmpty();
  }

  @Test
  void aTaskRunsWithItsMountsArgumentsAndEnvironmentAndReportsItsLife() throws Exception {
    start(
        "ta-1",
        "pwd; cat greeting.txt; cat $MODAL_CONTAINER_ARGUMENTS_PATH; ls /__modal/run; env; exit 7");

    TaskStarted started = fleet.nextReport().getTaskStarted();
    TaskExited exited = fleet.nextExit();

    assertThat(started.getTaskId()).isEqualTo("ta-1");
    assertThat(started.getRootfsReadyAtMs()).isGreaterThanOrEqualTo(started.getReceivedAtMs());
    assertThat(started.getProcessStartedAtMs())
        .isGreaterThanOrEqualTo(started.getRootfsReadyAtMs());
    assertThat(exited.getExitCode()).isEqualTo(7);
    assertThat(exited.getCause()).isEqualTo(TaskExited.Cause.CAUSE_EXITED);
    assertThat(exited.getReason()).contains("status 7");
    assertThat(exited.getPeakMemoryBytes()).isPositive();
    assertThat(fleet.text().lines())
        .contains(
            "/root",
            "hello from a mount",
            "the arguments",
            "api.sock",
            "MODAL_SERVER_URL=unix:/__modal/run/api.sock",
            "MODAL_IS_REMOTE=1",
            "PYTHONPATH=/pkg:/root:/from/image",
            "PYTHONUNBUFFERED=1",
            "WHO=order",
            "ONLY=image");
  }

  @Test
  void everythingThatAContainerSaidIsKeptBeforeItsEndIsReported() throws Exception {
    fleet.takeLogs(false);
    start("ta-1", "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo the end");
    assertThat(fleet.nextReport().hasTaskStarted()).isTrue();
    // The worker holds a bounded part of it, so the container cannot have ended.
    assertThat(fleet.reports.poll(2, TimeUnit.SECONDS)).isNull();

    fleet.takeLogs(true);
    TaskExited exited = fleet.nextExit();

    assertThat(exited.getExitCode()).isZero();
    assertThat(fleet.text()).hasSize(20_000_000 + "\nthe end\n".length()).endsWith("\nthe end\n");
  }

  @Test
  void aStopInterruptsFirstAndLetsTheTaskFinish() throws Exception {
    start("ta-1", "trap 'echo bye; exit 0' INT; echo ready; while :; do sleep 0.05; done");
    fleet.awaitText("ready");

    stop("ta-1", 20_000);

    TaskExited exited = fleet.nextExit();
    assertThat(exited.getCause()).isEqualTo(TaskExited.Cause.CAUSE_STOPPED);
    assertThat(exited.getExitCode()).isZero();
    assertThat(fleet.text()).contains("bye");
  }

  @Test
  void aTaskThatDoesNotListenIsKilledWhenItsGraceIsOver() throws Exception {
    start("ta-1", "trap '' INT TERM; echo ready; while :; do sleep 0.05; done");
    fleet.awaitText("ready");

    stop("ta-1", 300);

    TaskExited exited = fleet.nextExit();
    assertThat(exited.getCause()).isEqualTo(TaskExited.Cause.CAUSE_STOPPED);
    assertThat(exited.getExitCode()).isEqualTo(137);
  }

  @Test
  void aBrokenLineDoesNotTouchWhatRuns() throws Exception {
    start("ta-1", "trap 'echo done; exit 0' INT; echo ready; while :; do sleep 0.05; done");
    fleet.awaitText("ready");

    fleet.hangUp();

    assertThat(fleet.nextHello().getRunningTaskIdsList()).containsExactly("ta-1");
    stop("ta-1", 20_000);
    assertThat(fleet.nextExit().getExitCode()).isZero();
    assertThat(fleet.text()).contains("done");
  }

  @Test
  void aTaskWhoseImageIsNotHereFailsWithItsReason() throws Exception {
    fleet.send(
        ServerMessage.newBuilder()
            .setStartTask(
                order("ta-1", "true")
                    .setImage(ImageReference.newBuilder().addLayerIds("la-unknown")))
            .build());

    TaskExited exited = fleet.nextExit();

    assertThat(exited.getCause()).isEqualTo(TaskExited.Cause.CAUSE_START_FAILED);
    assertThat(exited.getReason()).contains("la-unknown");
  }

  @Test
  void aTaskWhoseImageHasNoPythonIsToldHowToGetOne() throws Exception {
    fleet.send(
        ServerMessage.newBuilder()
            .setStartTask(order("ta-1", "").clearCommand().addCommand("python").addCommand("-m"))
            .build());

    TaskExited exited = fleet.nextExit();

    assertThat(exited.getCause()).isEqualTo(TaskExited.Cause.CAUSE_START_FAILED);
    assertThat(exited.getReason()).contains("its image has no 'python'", "add_python=\"3.12\"");
  }

  @Test
  void theImagesEntrypointRunsTheCommandAndItsUserIsForItsStepsOnly() throws Exception {
    ImageConfig config =
        ImageConfig.newBuilder()
            .addAllEntrypoint(List.of("/bin/sh", "-c", "PUT=first exec \"$@\"", "entrypoint"))
            .setUser("1234")
            .putEnvironment("PATH", "/bin")
            .build();
    StartTask.Builder order =
        order(
            "ta-1",
            "while read name value _; do [ $name = Uid: ] && echo $PUT $value; done </proc/self/status; :");
    fleet.send(
        ServerMessage.newBuilder()
            .setStartTask(order.setImage(order.getImage().toBuilder().setConfig(config)))
            .build());

    TaskExited exited = fleet.nextExit();

    assertThat(exited.getExitCode()).as(exited.getReason()).isZero();
    assertThat(fleet.text()).contains("first 0\n");
  }

  @Test
  void anEntrypointThatEndsWithoutRunningItsArgumentsIsNamed() throws Exception {
    for (int code : new int[] {0, 3}) {
      ImageConfig config =
          ImageConfig.newBuilder()
              .addAllEntrypoint(List.of("/bin/sh", "-c", "exit " + code))
              .putEnvironment("PATH", "/bin")
              .build();
      StartTask.Builder order = order("ta-" + code, "echo not reached");
      fleet.send(
          ServerMessage.newBuilder()
              .setStartTask(order.setImage(order.getImage().toBuilder().setConfig(config)))
              .build());

      TaskExited exited = fleet.nextExit();

      assertThat(exited.getExitCode()).isEqualTo(code);
      assertThat(exited.getReason())
          .startsWith(
              "Its image's ENTRYPOINT [/bin/sh, -c, exit %1$d] ended with status %1$d without running the arguments that it was given, 'sh -c echo not reached'"
                  .formatted(code));
    }
  }

  @Test
  void tasksDoNotSeeEachOther() throws Exception {
    start("ta-first", "echo first is up; sleep 20");
    fleet.awaitText("first is up");

    start("ta-second", "ls /__modal/run /tmp; cat /proc/[0-9]*/environ | tr '\\0' '\\n'; ls /proc");

    TaskExited exited = fleet.nextExit();
    assertThat(exited.getTaskId()).isEqualTo("ta-second");
    assertThat(fleet.text()).doesNotContain("ta-first").contains("TASK=ta-second");
    stop("ta-first", 0);
    assertThat(fleet.nextExit().getTaskId()).isEqualTo("ta-first");
  }

  @Test
  void manyTasksStartAndEndAtOnce() throws Exception {
    int count = 20;
    for (int i = 0; i < count; i++) {
      start("ta-many" + i, "echo here is $TASK");
    }
    for (int i = 0; i < count; i++) {
      TaskExited exited = fleet.nextExit();
      assertThat(exited.getCause()).as(exited.getReason()).isEqualTo(TaskExited.Cause.CAUSE_EXITED);
    }
    for (int i = 0; i < count; i++) {
      assertThat(fleet.text()).contains("here is ta-many" + i + "\n");
    }
  }

  private void start(String task, String script) {
    fleet.send(ServerMessage.newBuilder().setStartTask(order(task, script)).build());
  }

  private static StartTask.Builder order(String task, String script) {
    return StartTask.newBuilder()
        .setTaskId(task)
        .setImage(
            ImageReference.newBuilder()
                .addLayerIds(LAYER)
                .setConfig(
                    ImageConfig.newBuilder()
                        .putEnvironment("PATH", "/bin")
                        .putEnvironment("WHO", "image")
                        .putEnvironment("ONLY", "image")
                        .putEnvironment("PYTHONPATH", "/from/image")))
        .addMounts(MountReference.newBuilder().setMountId("mo-1"))
        .putEnvironment("WHO", "order")
        .putEnvironment("TASK", task)
        .setContainerArguments(ByteString.copyFromUtf8("the arguments\n"))
        .addAllCommand(List.of("sh", "-c", script))
        .setResources(Resources.newBuilder().setMemoryMbLimit(256))
        .setNetwork(Network.NETWORK_OUTBOUND);
  }

  private void stop(String task, int graceMillis) {
    fleet.send(
        ServerMessage.newBuilder()
            .setStopTask(StopTask.newBuilder().setTaskId(task).setGraceMs(graceMillis))
            .build());
  }
}
