package dev.slipway.controlplane.image;

import com.google.protobuf.Timestamp;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.BaseImage;
import dev.slipway.protocol.modal.BuildFunction;
import dev.slipway.protocol.modal.FileDescriptor;
import dev.slipway.protocol.modal.GenericResult;
import dev.slipway.protocol.modal.GenericResult.GenericStatus;
import dev.slipway.protocol.modal.ImageContextFile;
import dev.slipway.protocol.modal.ImageGetOrCreateRequest;
import dev.slipway.protocol.modal.ImageJoinStreamingResponse;
import dev.slipway.protocol.modal.ImageMetadata;
import dev.slipway.protocol.modal.ImageRegistryConfig;
import dev.slipway.protocol.modal.TaskLogs;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Images in the client's words.
final class ImageTranslation {
  private ImageTranslation() {}

  /// What a client asks for.
  ///
  /// @throws SlipwayException UNSUPPORTED for what this builder cannot do, INVALID for what makes
  ///   no sense
  static ImageRequest request(ImageGetOrCreateRequest message) {
    dev.slipway.protocol.modal.Image image = message.getImage();
    refuseUnsupported(message, image);
    if (message.getBuilderVersion().isBlank()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the request names no image builder version, such as 2025.06");
    }
    Map<String, ImageId> parents = new HashMap<>();
    for (BaseImage parent : image.getBaseImagesList()) {
      parents.put(parent.getDockerTag(), new ImageId(parent.getImageId()));
    }
    return new ImageRequest(
        message.getBuilderVersion(),
        image.getDockerfileCommandsList(),
        image.getBuildArgsMap(),
        parents,
        image.getContextFilesList().stream().map(ImageTranslation::file).toList(),
        image.getContextMountId().isEmpty()
            ? Optional.empty()
            : Optional.of(new MountId(image.getContextMountId())),
        image.getSecretIdsList().stream().map(SecretId::new).toList(),
        registrySecret(image.getImageRegistryConfig()),
        message.getBuildFunctionId().isEmpty() ? Optional.empty() : Optional.of(function(message)),
        message.getAppId(),
        freshness(message));
  }

  private static FunctionStep function(ImageGetOrCreateRequest message) {
    BuildFunction function = message.getImage().getBuildFunction();
    return new FunctionStep(
        new FunctionId(message.getBuildFunctionId()),
        function.getDefinition(),
        function.getGlobals().toByteArray(),
        // Without arguments it is called with none.
        function.getInput().toByteArray());
  }

  private static ImageRequest.Freshness freshness(ImageGetOrCreateRequest message) {
    if (message.getForceBuild()) {
      return ImageRequest.Freshness.REBUILT;
    }
    return message.getIgnoreCache()
        ? ImageRequest.Freshness.UNCACHED
        : ImageRequest.Freshness.CACHED;
  }

  private static void refuseUnsupported(
      ImageGetOrCreateRequest message, dev.slipway.protocol.modal.Image image) {
    if (image.getGpuConfig().getCount() > 0 || !image.getGpuConfig().getGpuType().isEmpty()) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "the build step asks for a GPU ("
              + image.getGpuConfig().getGpuType()
              + "), and no worker of this server has one");
    }
    if (image.getVolumeMountsCount() > 0) {
      throw unsupported("volumes in build steps");
    }
  }

  private static Optional<SecretId> registrySecret(ImageRegistryConfig config) {
    return switch (config.getRegistryAuthType()) {
      // Clients that know no login send nothing at all; a secret that is sent is meant.
      case REGISTRY_AUTH_TYPE_UNSPECIFIED ->
          config.getSecretId().isEmpty()
              ? Optional.empty()
              : Optional.of(new SecretId(config.getSecretId()));
      case REGISTRY_AUTH_TYPE_STATIC_CREDS, REGISTRY_AUTH_TYPE_GCP, REGISTRY_AUTH_TYPE_AWS ->
          Optional.of(new SecretId(config.getSecretId()));
      case REGISTRY_AUTH_TYPE_PUBLIC -> Optional.empty();
      case UNRECOGNIZED ->
          throw unsupported(
              "logins of the kind %d; a name and a password, keys of Google or Amazon, or none were expected"
                  .formatted(config.getRegistryAuthTypeValue()));
    };
  }

  private static SlipwayException unsupported(String what) {
    return new SlipwayException(
        ErrorKind.UNSUPPORTED, "this version of Slipway's image builder does not support " + what);
  }

  private static InlineFile file(ImageContextFile file) {
    String path =
        file.getFilename().startsWith("/") ? file.getFilename() : "/" + file.getFilename();
    return new InlineFile(path, file.getData().toByteArray());
  }

  /// A piece of a build's log.
  static ImageJoinStreamingResponse entries(List<BuildLogEntry> entries, LogPosition position) {
    ImageJoinStreamingResponse.Builder reply =
        ImageJoinStreamingResponse.newBuilder().setEntryId(position.toString());
    entries.forEach(entry -> reply.addTaskLogs(entry(entry)));
    return reply.build();
  }

  private static TaskLogs entry(BuildLogEntry entry) {
    return TaskLogs.newBuilder()
        .setData(entry.data())
        .setTimestamp(entry.timestampNs() / 1e9)
        .setTimestampNs(entry.timestampNs())
        .setFileDescriptor(
            switch (entry.stream()) {
              case STDOUT -> FileDescriptor.FILE_DESCRIPTOR_STDOUT;
              case STDERR -> FileDescriptor.FILE_DESCRIPTOR_STDERR;
              case SYSTEM -> FileDescriptor.FILE_DESCRIPTOR_INFO;
            })
        .build();
  }

  /// The last message about a build.
  static ImageJoinStreamingResponse end(Image image, LogPosition position) {
    ImageJoinStreamingResponse.Builder reply =
        ImageJoinStreamingResponse.newBuilder().setEntryId(position.toString()).setEof(true);
    switch (image.state()) {
      case Image.State.Built built ->
          reply
              .setResult(success())
              .setMetadata(metadata(image.builderVersion(), built.contents()));
      case Image.State.Failed failed -> reply.setResult(result(failed.failure()));
      case Image.State.Building _ ->
          throw new IllegalStateException("the build of " + image.id() + " has not ended");
    }
    return reply.build();
  }

  static Timestamp time(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static GenericResult success() {
    return GenericResult.newBuilder().setStatus(GenericStatus.GENERIC_STATUS_SUCCESS).build();
  }

  private static GenericResult result(BuildOutcome.Failed failure) {
    GenericStatus status =
        switch (failure.kind()) {
          case STEP_FAILED, BASE_UNAVAILABLE, INVALID, MACHINE ->
              GenericStatus.GENERIC_STATUS_FAILURE;
          case TIMEOUT -> GenericStatus.GENERIC_STATUS_TIMEOUT;
          case CANCELLED, INTERRUPTED -> GenericStatus.GENERIC_STATUS_TERMINATED;
        };
    return GenericResult.newBuilder()
        .setStatus(status)
        .setException(failure.message())
        .setExitcode(failure.exitCode())
        .build();
  }

  static ImageMetadata metadata(String builderVersion, ImageContents contents) {
    ImageMetadata.Builder metadata =
        ImageMetadata.newBuilder()
            .setImageBuilderVersion(builderVersion)
            .putAllPythonPackages(contents.pythonPackages());
    if (!contents.pythonVersionInfo().isEmpty()) {
      metadata.setPythonVersionInfo(contents.pythonVersionInfo());
    }
    if (!contents.libcVersionInfo().isEmpty()) {
      metadata.setLibcVersionInfo(contents.libcVersionInfo());
    }
    if (!contents.config().workingDirectory().isEmpty()) {
      metadata.setWorkdir(contents.config().workingDirectory());
    }
    return metadata.build();
  }
}
