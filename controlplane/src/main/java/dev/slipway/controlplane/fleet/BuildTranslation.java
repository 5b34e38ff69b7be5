package dev.slipway.controlplane.fleet;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.controlplane.image.BuildBase;
import dev.slipway.controlplane.image.BuildLogEntry;
import dev.slipway.controlplane.image.BuildOutcome;
import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.controlplane.image.BuiltImage;
import dev.slipway.controlplane.image.ImageContents;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.protocol.worker.BuildFailure;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.BuildStep;
import dev.slipway.protocol.worker.CommandStep;
import dev.slipway.protocol.worker.CopyStep;
import dev.slipway.protocol.worker.EnvironmentStep;
import dev.slipway.protocol.worker.ImageReference;
import dev.slipway.protocol.worker.InlineFile;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.RunStep;
import dev.slipway.protocol.worker.StartBuild;
import dev.slipway.protocol.worker.UserStep;
import dev.slipway.protocol.worker.WorkingDirectoryStep;
import java.util.List;

/// Builds in the words of the worker protocol.
public final class BuildTranslation {
  private BuildTranslation() {}

  /// The order to a worker to build a layer.
  public static StartBuild startBuild(BuildRequest request) {
    StartBuild.Builder message =
        StartBuild.newBuilder()
            .setBuildId(request.id().value())
            .setLayerId(request.layerId())
            .setTimeoutSeconds(Math.toIntExact(request.timeout().toSeconds()))
            .setResources(resources(request.resources()));
    switch (request.base()) {
      case BuildBase.Reference reference -> message.setBaseReference(reference.name());
      case BuildBase.Parent parent ->
          message.setParent(
              ImageReference.newBuilder()
                  .setImageId(parent.image().value())
                  .addAllLayerIds(parent.layerIds())
                  .setConfig(config(parent.config())));
    }
    request.steps().forEach(step -> message.addSteps(step(step)));
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

  private static BuildStep step(RecipeStep step) {
    BuildStep.Builder message =
        BuildStep.newBuilder().setNumber(step.number()).setSource(step.source());
    switch (step.step()) {
      case dev.slipway.model.BuildStep.Run run ->
          message.setRun(
              RunStep.newBuilder().addAllArguments(run.arguments()).setShellForm(run.shellForm()));
      case dev.slipway.model.BuildStep.Copy copy ->
          message.setCopy(
              CopyStep.newBuilder()
                  .addAllSources(copy.sources())
                  .setDestination(copy.destination()));
      case dev.slipway.model.BuildStep.Environment environment ->
          message.setEnvironment(
              EnvironmentStep.newBuilder().putAllVariables(environment.variables()));
      case dev.slipway.model.BuildStep.Arguments arguments ->
          message.setArguments(EnvironmentStep.newBuilder().putAllVariables(arguments.values()));
      case dev.slipway.model.BuildStep.WorkingDirectory directory ->
          message.setWorkingDirectory(WorkingDirectoryStep.newBuilder().setPath(directory.path()));
      case dev.slipway.model.BuildStep.Command command ->
          message.setCommand(words(command.arguments(), command.shellForm()));
      case dev.slipway.model.BuildStep.Entrypoint entrypoint ->
          message.setEntrypoint(words(entrypoint.arguments(), entrypoint.shellForm()));
      case dev.slipway.model.BuildStep.Shell shell ->
          message.setShell(words(shell.arguments(), false));
      case dev.slipway.model.BuildStep.User user ->
          message.setUser(UserStep.newBuilder().setUser(user.user()));
      case dev.slipway.model.BuildStep.Note note -> message.setNote(note.sentence());
    }
    return message.build();
  }

  private static CommandStep words(List<String> arguments, boolean shellForm) {
    return CommandStep.newBuilder().addAllArguments(arguments).setShellForm(shellForm).build();
  }

  private static ImageContents contents(dev.slipway.protocol.worker.BuiltImage built) {
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
