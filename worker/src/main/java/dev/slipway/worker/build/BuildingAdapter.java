package dev.slipway.worker.build;

import dev.slipway.images.registry.AmazonKeys;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.BuildFailure;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.BuildStage;
import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.ImageReference;
import dev.slipway.protocol.worker.StartBuild;
import dev.slipway.worker.agent.Building;
import dev.slipway.worker.container.OutputStreamKind;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        switch (message.getBaseCase()) {
          case PARENT -> parent(message.getParent());
          case BASE_STAGE -> earlier(message.getBaseStage(), message.getStagesCount());
          case BASE_REFERENCE, BASE_NOT_SET ->
              new BuildOrder.Base.Reference(message.getBaseReference(), message.getBaseAnew());
        },
        StepTranslation.steps(message.getStepsList(), message.getStagesCount()),
        message.getContextMountIdsList().stream().map(MountId::new).toList(),
        message.getContextFilesList().stream()
            .map(file -> new BuildOrder.ContextFile(file.getPath(), file.getData().toByteArray()))
            .toList(),
        stages(message.getStagesList()),
        SecretVariables.of(message.getSecretEnvironmentMap()),
        message.getProxiesMap(),
        message.hasBaseLogin() ? Optional.of(login(message.getBaseLogin())) : Optional.empty(),
        message.getCacheScope(),
        message.getTimeoutSeconds() == 0
            ? DEFAULT_TIMEOUT
            : Duration.ofSeconds(message.getTimeoutSeconds()),
        new Resources(
            message.getResources().getMilliCpu(),
            message.getResources().getMilliCpuLimit(),
            message.getResources().getMemoryMb(),
            message.getResources().getMemoryMbLimit()));
  }

  private static RegistryLogin login(dev.slipway.protocol.worker.RegistryLogin login) {
    return login.hasAmazon()
        ? new AmazonKeys(
            login.getAmazon().getAccessKeyId(),
            login.getAmazon().getSecretAccessKey(),
            login.getAmazon().getSessionToken())
        : new Credentials(login.getUser(), login.getPassword());
  }

  private static List<BuildOrder.Stage> stages(List<BuildStage> messages) {
    List<BuildOrder.Stage> stages = new ArrayList<>();
    for (BuildStage message : messages) {
      int before = stages.size();
      BuildOrder.Base base =
          switch (message.getBaseCase()) {
            case PARENT -> parent(message.getParent());
            case BASE_STAGE -> earlier(message.getBaseStage(), before);
            case BASE_REFERENCE, BASE_NOT_SET ->
                new BuildOrder.Base.Reference(message.getBaseReference(), message.getBaseAnew());
          };
      stages.add(
          new BuildOrder.Stage(
              new LayerId(message.getLayerId()),
              base,
              StepTranslation.steps(message.getStepsList(), before)));
    }
    return stages;
  }

  private static BuildOrder.Base parent(ImageReference parent) {
    return new BuildOrder.Base.Parent(
        LayerId.listOf(parent.getLayerIdsList()), config(parent.getConfig()));
  }

  private static BuildOrder.Base earlier(int stage, int stages) {
    return new BuildOrder.Base.Earlier(StepTranslation.requireStage(stage, stages));
  }

  static BuiltImage built(BuildOutcome.Built built) {
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

  static ImageConfig config(dev.slipway.protocol.worker.ImageConfig config) {
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
