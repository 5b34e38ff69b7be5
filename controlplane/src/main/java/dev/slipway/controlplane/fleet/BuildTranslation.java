package dev.slipway.controlplane.fleet;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.controlplane.image.BuildBase;
import dev.slipway.controlplane.image.BuildLogEntry;
import dev.slipway.controlplane.image.BuildOutcome;
import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.controlplane.image.BuiltImage;
import dev.slipway.controlplane.image.ImageContents;
import dev.slipway.images.registry.AmazonKeys;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.images.registry.RegistrySettings;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.protocol.worker.BuildFailure;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.BuildStage;
import dev.slipway.protocol.worker.ImageReference;
import dev.slipway.protocol.worker.InlineFile;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.StartBuild;
import java.util.List;

/// Builds in the words of the worker protocol.
public final class BuildTranslation {
  private BuildTranslation() {}

  /// The order to a worker to build a layer.
  public static StartBuild startBuild(BuildRequest request) {
    StartBuild.Builder message =
        StartBuild.newBuilder()
            .setBuildId(request.id().value())
            .setLayerId(request.image().layerId())
            .setCacheScope(request.cacheScope())
            .putAllSecretEnvironment(request.secrets().values())
            .putAllProxies(request.asides().proxies())
            .setTimeoutSeconds(Math.toIntExact(request.timeout().toSeconds()))
            .setResources(resources(request.resources()));
    switch (request.image().base()) {
      case BuildBase.Reference reference ->
          message.setBaseReference(reference.name()).setBaseAnew(reference.anew());
      case BuildBase.Parent parent -> message.setParent(imageReference(parent));
      case BuildBase.Stage stage -> message.setBaseStage(stage.index());
    }
    request.image().steps().forEach(step -> message.addSteps(BuildStepTranslation.step(step)));
    request.login().map(BuildTranslation::login).ifPresent(message::setBaseLogin);
    request.stages().forEach(stage -> message.addStages(stage(stage)));
    request.contextMounts().stream().map(MountId::value).forEach(message::addContextMountIds);
    request
        .contextFiles()
        .forEach(file ->
            message.addContextFiles(
                InlineFile.newBuilder()
                    .setPath(file.path())
                    .setData(UnsafeByteOperations.unsafeWrap(file.data()))));
    return message.build();
  }

  static dev.slipway.protocol.worker.RegistryLogin login(RegistryLogin login) {
    dev.slipway.protocol.worker.RegistryLogin.Builder message =
        dev.slipway.protocol.worker.RegistryLogin.newBuilder();
    switch (login) {
      case RegistrySettings.Credentials credentials ->
          message.setUser(credentials.user()).setPassword(credentials.password());
      case AmazonKeys keys ->
          message
              .getAmazonBuilder()
              .setAccessKeyId(keys.accessKeyId())
              .setSecretAccessKey(keys.secretAccessKey())
              .setSessionToken(keys.sessionToken());
    }
    return message.build();
  }

  private static BuildStage stage(dev.slipway.controlplane.image.BuildStage stage) {
    BuildStage.Builder message = BuildStage.newBuilder().setLayerId(stage.layerId());
    switch (stage.base()) {
      case BuildBase.Reference reference ->
          message.setBaseReference(reference.name()).setBaseAnew(reference.anew());
      case BuildBase.Parent parent -> message.setParent(imageReference(parent));
      case BuildBase.Stage before -> message.setBaseStage(before.index());
    }
    stage.steps().forEach(step -> message.addSteps(BuildStepTranslation.step(step)));
    return message.build();
  }

  private static ImageReference imageReference(BuildBase.Parent parent) {
    return ImageReference.newBuilder()
        .setImageId(parent.image().value())
        .addAllLayerIds(parent.layerIds())
        .setConfig(config(parent.config()))
        .build();
  }

  /// A finished image, as tasks name it.
  public static ImageReference imageReference(BuiltImage image) {
    return ImageReference.newBuilder()
        .setImageId(image.id().value())
        .addAllLayerIds(image.layerIds())
        .setConfig(config(image.config()))
        .build();
  }

  /// How a build ended, in a worker's words.
  public static BuildOutcome outcome(BuildFinished message) {
    return switch (message.getOutcomeCase()) {
      case BUILT -> new BuildOutcome.Built(contents(message.getBuilt()));
      case FAILURE -> failure(message.getFailure());
      case OUTCOME_NOT_SET ->
          new BuildOutcome.Failed(
              BuildOutcome.Kind.MACHINE, "the worker did not say how the build ended", 0);
    };
  }

  /// What a build said, in a worker's words.
  public static List<BuildLogEntry> logEntries(List<LogEntry> entries) {
    return entries.stream()
        .map(entry ->
            new BuildLogEntry(
                switch (entry.getStream()) {
                  case STREAM_STDERR -> BuildLogEntry.Stream.STDERR;
                  case STREAM_SYSTEM -> BuildLogEntry.Stream.SYSTEM;
                  case STREAM_STDOUT, STREAM_UNSPECIFIED, UNRECOGNIZED ->
                      BuildLogEntry.Stream.STDOUT;
                },
                entry.getTimestampNs(),
                entry.getData()))
        .toList();
  }

  static ImageContents contents(dev.slipway.protocol.worker.BuiltImage built) {
    dev.slipway.protocol.worker.ImageConfig config = built.getConfig();
    return new ImageContents(
        built.getLayerIdsList(),
        new ImageConfig(
            config.getEnvironmentMap(),
            config.getWorkingDirectory(),
            config.getEntrypointList(),
            config.getCommandList(),
            config.getShellList(),
            config.getUser()),
        built.getPythonVersionInfo(),
        built.getPythonPackagesMap(),
        built.getLibcVersionInfo(),
        built.getBaseDigest(),
        built.getSizeBytes());
  }

  private static BuildOutcome failure(BuildFailure failure) {
    BuildOutcome.Kind kind =
        switch (failure.getKind()) {
          case KIND_STEP_FAILED -> BuildOutcome.Kind.STEP_FAILED;
          case KIND_BASE_UNAVAILABLE -> BuildOutcome.Kind.BASE_UNAVAILABLE;
          case KIND_TIMEOUT -> BuildOutcome.Kind.TIMEOUT;
          case KIND_CANCELLED -> BuildOutcome.Kind.CANCELLED;
          case KIND_INVALID -> BuildOutcome.Kind.INVALID;
          case KIND_MACHINE, KIND_UNSPECIFIED, UNRECOGNIZED -> BuildOutcome.Kind.MACHINE;
        };
    return new BuildOutcome.Failed(kind, failure.getMessage(), failure.getExitCode());
  }

  static dev.slipway.protocol.worker.ImageConfig config(ImageConfig config) {
    return dev.slipway.protocol.worker.ImageConfig.newBuilder()
        .putAllEnvironment(config.environment())
        .setWorkingDirectory(config.workingDirectory())
        .addAllEntrypoint(config.entrypoint())
        .addAllCommand(config.command())
        .addAllShell(config.shell())
        .setUser(config.user())
        .build();
  }

  private static dev.slipway.protocol.worker.Resources resources(Resources resources) {
    return dev.slipway.protocol.worker.Resources.newBuilder()
        .setMilliCpu(resources.milliCpu())
        .setMilliCpuLimit(resources.milliCpuLimit())
        .setMemoryMb(resources.memoryMib())
        .setMemoryMbLimit(resources.memoryMibLimit())
        .build();
  }
}
