package dev.slipway.worker.agent;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.ImageConfig;
import dev.slipway.protocol.worker.Network;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.worker.container.ContainerRuntime;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.OutputSink;
import dev.slipway.worker.container.RunningContainer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.relay.TaskSocket;
import dev.slipway.worker.relay.TaskSockets;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.MountReference;
import dev.slipway.worker.rootfs.PythonTag;
import dev.slipway.worker.rootfs.RootFilesystem;
import dev.slipway.worker.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Puts a task's container together: root file system, socket, arguments, environment.
public final class TaskStarter {
  /// Where a container finds its socket and its arguments.
  private static final String RUN_DIRECTORY = "/__modal/run";

  private static final String ARGUMENTS = "arguments.bin";
  private static final String DEFAULT_WORKING_DIRECTORY = "/root";

  /// What the official client's runner is started with.
  private static final String PYTHON = "python";

  private static final String PATH = "PATH";
  private static final String PYTHON_PATH = "PYTHONPATH";

  private final RootFilesystems roots;
  private final TaskSockets sockets;
  private final ContainerRuntime runtime;
  private final LayerKeeping keeping;
  private final Clock clock;

  public TaskStarter(
      RootFilesystems roots,
      TaskSockets sockets,
      ContainerRuntime runtime,
      LayerKeeping keeping,
      Clock clock) {
    this.roots = roots;
    this.keeping = keeping;
    this.sockets = sockets;
    this.runtime = runtime;
    this.clock = clock;
  }

  /// A container with what belongs to it.
  record Started(
      RunningContainer container, TaskSocket socket, Ground ground, Instant rootReadyAt) {
    /// The layer that the container's changes become, if the order asks for one. Once, after the
    /// container's end.
    Optional<BuiltImage> keep() throws IOException, InterruptedException {
      return ground.keeper().isPresent()
          ? Optional.of(ground.keeper().get().keep())
          : Optional.empty();
    }

    /// Ends the container when what it writes is more than a layer may have.
    void limit() throws IOException {
      if (ground.keeper().isPresent()) {
        ground.keeper().get().limit(container::kill);
      }
    }

    /// Why that was done, if it was.
    Optional<String> overrun() {
      return ground.keeper().flatMap(LayerKeeping.Keeper::overrun);
    }

    /// Takes away what is left after the container's end.
    void cleanUp() {
      socket.close();
      ground.close();
    }
  }

  /// What a container stands on.
  ///
  /// @param keeper makes a layer of it, if the order asks for that
  record Ground(RootFilesystem root, Optional<LayerKeeping.Keeper> keeper) {
    void close() {
      keeper.ifPresentOrElse(LayerKeeping.Keeper::close, root::close);
    }
  }

  private Ground ground(StartTask order, List<MountReference> mounts)
      throws IOException, InterruptedException {
    if (!order.getKeptLayerId().isEmpty()) {
      LayerKeeping.Keeper keeper = keeping.open(order, mounts);
      return new Ground(keeper.root(), Optional.of(keeper));
    }
    RootFilesystem root =
        roots.compose(
            order.getTaskId(),
            order.getResources().getDiskMb(),
            LayerId.listOf(order.getImage().getLayerIdsList()),
            mounts,
            order.getImage().getConfig().getEnvironmentMap().getOrDefault(PATH, ""));
    return new Ground(root, Optional.empty());
  }

  Started start(StartTask order, OutputSink output) throws IOException, InterruptedException {
    TaskId task = new TaskId(order.getTaskId());
    Ground ground =
        ground(
            order,
            order.getMountsList().stream()
                .map(m -> new MountReference(new MountId(m.getMountId()), m.getCompileBytecode()))
                .toList());
    TaskSocket socket = null;
    try {
      Instant rootReadyAt = clock.instant();
      socket = sockets.open(task);
      Path arguments = socket.directory().resolve(ARGUMENTS);
      Files.write(arguments, order.getContainerArguments().toByteArray());
      Ownership.giveToRoot(arguments);
      RunningContainer container = run(spec(order, ground.root(), socket), output);
      return new Started(container, socket, ground, rootReadyAt);
    } catch (IOException | RuntimeException | InterruptedException e) {
      if (socket != null) {
        socket.close();
      }
      ground.close();
      throw e;
    }
  }

  private RunningContainer run(ContainerSpec spec, OutputSink output)
      throws IOException, InterruptedException {
    if (lacksPython(spec)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "its image has no '%s', which runs functions: add_python=\"3.12\" of from_registry() or from_dockerfile() would add one"
              .formatted(PYTHON));
    }
    return runtime.run(spec, output);
  }

  private static boolean lacksPython(ContainerSpec spec) throws IOException {
    return spec.arguments().getFirst().equals(PYTHON)
        && PythonTag.findProgram(
                new LayeredView(List.of(spec.rootfs())),
                spec.environment().getOrDefault(PATH, ""),
                PYTHON)
            .isEmpty();
  }

  /// What runs: the command, behind the words that the image puts before every command.
  private static List<String> command(
      StartTask order, RootFilesystem root, Map<String, String> environment) throws IOException {
    ImageConfig config = order.getImage().getConfig();
    List<String> command = new ArrayList<>(config.getEntrypointList());
    command.addAll(order.getCommandList());
    String path = config.getEnvironmentMap().getOrDefault(PATH, "");
    if (command.getFirst().equals(PYTHON) && !path.equals(environment.getOrDefault(PATH, ""))) {
      // A secret may say where the user's programs are, not which Python the image has.
      PythonTag.place(new LayeredView(List.of(root.root())), path, PYTHON)
          .ifPresent(python -> command.set(0, python));
    }
    return command;
  }

  private static ContainerSpec spec(StartTask order, RootFilesystem root, TaskSocket socket)
      throws IOException {
    ImageConfig config = order.getImage().getConfig();
    Map<String, String> environment = environment(order);
    String asked = order.getWorkingDirectory();
    String workingDirectory =
        !asked.isEmpty()
            ? asked
            : config.getWorkingDirectory().isEmpty()
                ? DEFAULT_WORKING_DIRECTORY
                : config.getWorkingDirectory();
    return new ContainerSpec(
        order.getTaskId(),
        root.root(),
        command(order, root, environment),
        environment,
        workingDirectory,
        // The user's files and the platform's are root's: USER is for the steps of a recipe.
        "",
        new Resources(
            order.getResources().getMilliCpu(),
            order.getResources().getMilliCpuLimit(),
            order.getResources().getMemoryMb(),
            order.getResources().getMemoryMbLimit(),
            order.getResources().getDiskMb()),
        order.getResources().getPidsLimit(),
        order.getNetwork() == Network.NETWORK_BLOCKED
            ? ContainerSpec.Network.BLOCKED
            : ContainerSpec.Network.OUTBOUND,
        ContainerSpec.Privileges.FUNCTION,
        List.of(new ContainerSpec.Bind(socket.directory(), RUN_DIRECTORY, true)));
  }

  /// The image's variables, above them the function's secrets, then what the platform sets: that
  /// wins, whatever a secret says.
  private static Map<String, String> environment(StartTask order) {
    Map<String, String> environment =
        new LinkedHashMap<>(order.getImage().getConfig().getEnvironmentMap());
    environment.put("PYTHONUNBUFFERED", "1");
    environment.putAll(order.getSecretEnvironmentMap());
    environment.putAll(order.getEnvironmentMap());
    String path = environment.getOrDefault(PYTHON_PATH, "");
    environment.put(PYTHON_PATH, "/pkg:/root" + (path.isEmpty() ? "" : ":" + path));
    environment.put("MODAL_IS_REMOTE", "1");
    environment.put("MODAL_SERVER_URL", "unix:" + RUN_DIRECTORY + "/" + TaskSocket.SOCKET);
    environment.put("SLIPWAY_LANE", RUN_DIRECTORY + "/" + TaskSocket.LANE);
    environment.put("MODAL_CONTAINER_ARGUMENTS_PATH", RUN_DIRECTORY + "/" + ARGUMENTS);
    return environment;
  }
}
