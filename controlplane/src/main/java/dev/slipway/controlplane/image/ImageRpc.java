package dev.slipway.controlplane.image;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.ImageId;
import dev.slipway.protocol.modal.ImageBuildChainGetRequest;
import dev.slipway.protocol.modal.ImageBuildChainGetResponse;
import dev.slipway.protocol.modal.ImageBuildStep;
import dev.slipway.protocol.modal.ImageDeleteRequest;
import dev.slipway.protocol.modal.ImageFromIdRequest;
import dev.slipway.protocol.modal.ImageFromIdResponse;
import dev.slipway.protocol.modal.ImageGetOrCreateRequest;
import dev.slipway.protocol.modal.ImageGetOrCreateResponse;
import dev.slipway.protocol.modal.ImageJoinStreamingRequest;
import dev.slipway.protocol.modal.ImageJoinStreamingResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Asking for images and following their builds.
public final class ImageRpc implements RpcModule {
  /// How long one stream follows a build at most; the client comes back for more.
  static final Duration LONGEST_FOLLOW = Duration.ofMinutes(5);

  /// Who comes later than this after a build's end did not wait for it, and is spared its log.
  static final Duration LOG_OF_INTEREST = Duration.ofMinutes(2);

  /// Told of images that are being built, so that others can get ready meanwhile.
  public interface BuildsBegun {
    /// @param clientVersion of the client that asked
    /// @param lines of the image's recipe
    void begun(String clientVersion, String builderVersion, List<String> lines);
  }

  private final Images images;
  private final BuildsBegun builds;
  private final Clock clock;

  public ImageRpc(Images images, BuildsBegun builds, Clock clock) {
    this.images = images;
    this.builds = builds;
    this.clock = clock;
  }

  @Override
  public void contribute(Methods methods) {
    methods.once(ModalClientGrpc.getImageGetOrCreateMethod(), this::getOrCreate);
    methods.stream(ModalClientGrpc.getImageJoinStreamingMethod(), this::join);
    methods.unary(ModalClientGrpc.getImageFromIdMethod(), this::fromId);
    methods.once(ModalClientGrpc.getImageDeleteMethod(), this::delete);
    methods.unary(ModalClientGrpc.getImageBuildChainGetMethod(), this::builds);
  }

  ImageGetOrCreateResponse getOrCreate(RpcContext context, ImageGetOrCreateRequest request) {
    ImageRequest asked = ImageTranslation.request(request);
    Image image = images.getOrCreate(context.workspace(), asked);
    if (image.state() instanceof Image.State.Building) {
      builds.begun(context.clientVersion().toString(), asked.builderVersion(), asked.lines());
    }
    ImageGetOrCreateResponse.Builder response =
        ImageGetOrCreateResponse.newBuilder().setImageId(image.id().value());
    if (image.state() instanceof Image.State.Built built) {
      response
          .setResult(ImageTranslation.success())
          .setMetadata(ImageTranslation.metadata(image.builderVersion(), built.contents()));
    }
    return response.build();
  }

  void join(
      RpcContext context,
      ImageJoinStreamingRequest request,
      Replies<ImageJoinStreamingResponse> replies)
      throws InterruptedException {
    ImageId id = new ImageId(request.getImageId());
    LogPosition position = LogPosition.parse(request.getLastEntryId());
    if (position.equals(LogPosition.START) && !request.getIncludeLogsForFinished()) {
      Image image = images.requireAny(context.workspace(), id);
      if (endedLongAgo(image)) {
        replies.send(ImageTranslation.end(image, position));
        return;
      }
    }
    Duration most = followTime(request.getTimeout());
    long end = System.nanoTime() + most.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      BuildProgress progress = images.follow(context.workspace(), id, position, left);
      position = progress.position();
      if (!progress.entries().isEmpty()) {
        replies.send(ImageTranslation.entries(progress.entries(), position));
      } else if (progress.ended().isPresent()) {
        replies.send(ImageTranslation.end(progress.ended().get(), position));
        return;
      } else {
        return;
      }
    }
  }

  private static Duration followTime(float seconds) {
    float most = LONGEST_FOLLOW.toSeconds();
    float within = Float.isNaN(seconds) ? 0 : Math.clamp(seconds, 0, most);
    return Duration.ofMillis((long) (within * 1_000));
  }

  private boolean endedLongAgo(Image image) {
    Instant limit = clock.instant().minus(LOG_OF_INTEREST);
    return switch (image.state()) {
      case Image.State.Building _ -> false;
      case Image.State.Built built -> built.at().isBefore(limit);
      case Image.State.Failed failed -> failed.at().isBefore(limit);
    };
  }

  /// Whose logs the client reads next: by the build's id, where it says the id of an app.
  ImageBuildChainGetResponse builds(RpcContext context, ImageBuildChainGetRequest request) {
    ImageBuildChainGetResponse.Builder response = ImageBuildChainGetResponse.newBuilder();
    for (BuildTimes build :
        images.listBuilds(context.workspace(), new ImageId(request.getImageId()))) {
      response.addBuildSteps(
          ImageBuildStep.newBuilder()
              .setImageId(build.image().value())
              .setStartedAt(ImageTranslation.time(build.start()))
              .setFinishedAt(ImageTranslation.time(build.end()))
              .setBuilderAppId(build.build().value()));
    }
    return response.build();
  }

  Empty delete(RpcContext context, ImageDeleteRequest request) {
    images.delete(context.workspace(), new ImageId(request.getImageId()));
    return Empty.getDefaultInstance();
  }

  ImageFromIdResponse fromId(RpcContext context, ImageFromIdRequest request) {
    BuiltImage image = images.require(context.workspace(), new ImageId(request.getImageId()));
    return ImageFromIdResponse.newBuilder()
        .setImageId(image.id().value())
        .setMetadata(ImageTranslation.metadata(image.builderVersion(), image.contents()))
        .build();
  }
}
