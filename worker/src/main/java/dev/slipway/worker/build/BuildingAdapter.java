package dev.slipway.worker.build;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.BuildFailure;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.CommandStep;
import dev.slipway.protocol.worker.StartBuild;
import dev.slipway.worker.agent.Building;
import dev.slipway.worker.container.OutputStreamKind;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Takes orders to build in the words of the worker protocol, and answers in them.
public final class BuildingAdapter implements Building {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofHours(1);
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Builder builder;
  private final Clock clock;

  public BuildingAdapter(Builder builder, Clock clock) {
    this.builder = builder;
    this.clock = clock;
  }

  @Override
  public BuildFinished build(StartBuild message, Log log) throws InterruptedException {
    BuildFinished.Builder finished = BuildFinished.newBuilder().setBuildId(message.getBuildId());
    BuildOutcome outcome;
    try {
      outcome = builder.build(order(message), new Told(log));
    } catch (SlipwayException e) {
      outcome =
          new BuildOutcome.Failed(BuildOutcome.Kind.INVALID, String.valueOf(e.getMessage()), 0);
    }
    switch (outcome) {
      case BuildOutcome.Built built -> finished.setBuilt(built(built));
      case BuildOutcome.Failed failed ->
          finished.setFailure(
              BuildFailure.newBuilder()
                  .setKind(kind(failed.kind()))
                  .setMessage(failed.message())
                  .setExitCode(failed.exitCode()));
    }
    return finished.build();
  }

  static BuildOrder order(StartBuild message) {
    return new BuildOrder(
        new LayerId(message.getLayerId()),
        message.hasParent()
            ? new BuildOrder.Base.Parent(
                LayerId.listOf(message.getParent().getLayerIdsList()),
                config(message.getParent().getConfig()))
            : new BuildOrder.Base.Reference(message.getBaseReference()),
        message.getStepsList().stream()
            .map(step -> new RecipeStep(step.getNumber(), step.getSource(), step(step)))
            .toList(),
        message.getContextMountIdsList().stream().map(MountId::new).toList(),
        message.getContextFilesList().stream()
            .map(file -> new BuildOrder.ContextFile(file.getPath(), file.getData().toByteArray()))
            .toList(),
        message.getSecretEnvironmentMap(),
        message.getTimeoutSeconds() == 0
            ? DEFAULT_TIMEOUT
            : Duration.ofSeconds(message.getTimeoutSeconds()),
        new Resources(
            message.getResources().getMilliCpu(),
            message.getResources().getMilliCpuLimit(),
            message.getResources().getMemoryMb(),
            message.getResources().getMemoryMbLimit()));
  }

  private static BuildStep step(dev.slipway.protocol.worker.BuildStep step) {
    return switch (step.getStepCase()) {
      case RUN -> new BuildStep.Run(step.getRun().getArgumentsList(), step.getRun().getShellForm());
      case COPY ->
          new BuildStep.Copy(step.getCopy().getSourcesList(), step.getCopy().getDestination());
      case ENVIRONMENT -> new BuildStep.Environment(step.getEnvironment().getVariablesMap());
      case ARGUMENTS -> new BuildStep.Arguments(step.getArguments().getVariablesMap());
      case WORKING_DIRECTORY ->
          new BuildStep.WorkingDirectory(step.getWorkingDirectory().getPath());
      case COMMAND -> {
        CommandStep command = step.getCommand();
        yield new BuildStep.Command(command.getArgumentsList(), command.getShellForm());
      }
      case ENTRYPOINT -> {
        CommandStep command = step.getEntrypoint();
        yield new BuildStep.Entrypoint(command.getArgumentsList(), command.getShellForm());
      }
      case SHELL -> new BuildStep.Shell(step.getShell().getArgumentsList());
      case USER -> new BuildStep.User(step.getUser().getUser());
      case NOTE -> new BuildStep.Note(step.getNote());
      case STEP_NOT_SET ->
          throw new SlipwayException(
              ErrorKind.INVALID,
              "step %d (%s) is of a kind that this worker does not know"
                  .formatted(step.getNumber(), step.getSource()));
    };
  }

  private static BuiltImage built(BuildOutcome.Built built) {
    return BuiltImage.newBuilder()
        .addAllLayerIds(built.layers().stream().map(LayerId::value).toList())
        .setConfig(config(built.config()))
        .setPythonVersionInfo(built.pythonVersionInfo())
        .putAllPythonPackages(built.pythonPackages())
        .setLibcVersionInfo(built.libcVersionInfo())
        .setBaseDigest(built.baseDigest())
        .setSizeBytes(built.sizeBytes())
        .build();
  }

  private static BuildFailure.Kind kind(BuildOutcome.Kind kind) {
    return switch (kind) {
      case STEP_FAILED -> BuildFailure.Kind.KIND_STEP_FAILED;
      case BASE_UNAVAILABLE -> BuildFailure.Kind.KIND_BASE_UNAVAILABLE;
      case TIMEOUT -> BuildFailure.Kind.KIND_TIMEOUT;
      case INVALID -> BuildFailure.Kind.KIND_INVALID;
      case MACHINE -> BuildFailure.Kind.KIND_MACHINE;
    };
  }

  private static ImageConfig config(dev.slipway.protocol.worker.ImageConfig config) {
    return new ImageConfig(
        config.getEnvironmentMap(),
        config.getWorkingDirectory(),
        config.getEntrypointList(),
        config.getCommandList(),
        config.getShellList(),
        config.getUser());
  }

  private static dev.slipway.protocol.worker.ImageConfig config(ImageConfig config) {
    return dev.slipway.protocol.worker.ImageConfig.newBuilder()
        .putAllEnvironment(config.environment())
        .setWorkingDirectory(config.workingDirectory())
        .addAllEntrypoint(config.entrypoint())
        .addAllCommand(config.command())
        .addAllShell(config.shell())
        .setUser(config.user())
        .build();
  }

  /// Hands a build's words on, with the platform's own as whole lines.
  private final class Told implements BuildLog {
    private final Log log;

    private Told(Log log) {
      this.log = log;
    }

    @Override
    public void say(String line) throws InterruptedException {
      log.system(clock.instant(), line + "\n");
    }

    @Override
    public void accept(OutputStreamKind stream, long timestampNanos, String text)
        throws InterruptedException {
      Instant at =
          Instant.ofEpochSecond(
              timestampNanos / NANOS_PER_SECOND, timestampNanos % NANOS_PER_SECOND);
      switch (stream) {
        case STDOUT -> log.stdout(at, text);
        case STDERR -> log.stderr(at, text);
      }
    }
  }
}
