package dev.slipway.controlplane.image;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.workspace.Environment;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.ImageGetByTagRequest;
import dev.slipway.protocol.modal.ImageGetByTagResponse;
import dev.slipway.protocol.modal.ImageListTagsItem;
import dev.slipway.protocol.modal.ImageListTagsRequest;
import dev.slipway.protocol.modal.ImageListTagsResponse;
import dev.slipway.protocol.modal.ImageNameDeleteRequest;
import dev.slipway.protocol.modal.ImagePublishRequest;
import dev.slipway.protocol.modal.ImagePublishResponse;
import dev.slipway.protocol.modal.ImageTagRevisionsItem;
import dev.slipway.protocol.modal.ImageTagRevisionsRequest;
import dev.slipway.protocol.modal.ImageTagRevisionsResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.time.Instant;
import java.util.List;

/// Publishing images under names, and finding them there.
public final class ImageNameRpc implements RpcModule {
  private final ImageNames names;
  private final Environments environments;

  public ImageNameRpc(ImageNames names, Environments environments) {
    this.names = names;
    this.environments = environments;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .once(ModalClientGrpc.getImagePublishMethod(), this::publish)
        .unary(ModalClientGrpc.getImageGetByTagMethod(), this::get)
        .unary(ModalClientGrpc.getImageListTagsMethod(), this::list)
        .unary(ModalClientGrpc.getImageTagRevisionsMethod(), this::history)
        .once(ModalClientGrpc.getImageNameDeleteMethod(), this::delete);
  }

  /// Where a name is, and the name.
  private record Place(Environment environment, String name) {}

  /// Newer clients write the environment into the name.
  private Place place(RpcContext context, String text, String environment) {
    ImageName name = ImageName.parse(text);
    String written = name.environment().isEmpty() ? environment : name.environment();
    return new Place(environments.require(context, written), name.name());
  }

  private ImagePublishResponse publish(RpcContext context, ImagePublishRequest request) {
    if (request.getAllowPublic()) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED, "images are published within their workspace only");
    }
    Place place = place(context, request.getTag(), request.getEnvironmentName());
    String revision =
        names.publish(
            context.workspace(),
            place.environment().id(),
            place.name(),
            new ImageId(request.getImageId()));
    return ImagePublishResponse.newBuilder()
        .setImageId(request.getImageId())
        .setRevisionId(revision)
        .build();
  }

  private ImageGetByTagResponse get(RpcContext context, ImageGetByTagRequest request) {
    Place place = place(context, request.getTag(), request.getEnvironmentName());
    Published published = names.require(place.environment().id(), place.name());
    return ImageGetByTagResponse.newBuilder().setImageId(published.image().value()).build();
  }

  private ImageListTagsResponse list(RpcContext context, ImageListTagsRequest request) {
    Environment environment = environments.require(context, request.getEnvironmentName());
    int most = most(request.getMaxObjects());
    List<Published> found =
        names.list(environment.id(), request.getTagPrefix(), request.getPageToken(), most);
    ImageListTagsResponse.Builder response =
        ImageListTagsResponse.newBuilder().setEnvironmentName(environment.name());
    found.stream()
        .filter(one ->
            request.getImageId().isEmpty() || one.image().value().equals(request.getImageId()))
        .forEach(one ->
            response.addItems(
                ImageListTagsItem.newBuilder()
                    .setTag(one.name())
                    .setImageId(one.image().value())
                    .setRevisionId(one.revision())
                    .setCreatedAt(seconds(one.firstAt()))
                    .setUpdatedAt(seconds(one.at()))));
    if (found.size() == most) {
      response.setNextPageToken(found.getLast().name());
    }
    return response.build();
  }

  private ImageTagRevisionsResponse history(RpcContext context, ImageTagRevisionsRequest request) {
    Place place = place(context, request.getTag(), request.getEnvironmentName());
    int most = most(request.getMaxObjects());
    List<Published> found =
        names.history(place.environment().id(), place.name(), before(request.getPageToken()), most);
    ImageTagRevisionsResponse.Builder response =
        ImageTagRevisionsResponse.newBuilder()
            .setTag(place.name())
            .setEnvironmentName(place.environment().name());
    found.forEach(one ->
        response.addItems(
            ImageTagRevisionsItem.newBuilder()
                .setImageId(one.image().value())
                .setRevisionId(one.revision())
                .setCreatedAt(seconds(one.at()))));
    if (found.size() == most) {
      response.setNextPageToken(Long.toString(found.getLast().sequence()));
    }
    return response.build();
  }

  private Empty delete(RpcContext context, ImageNameDeleteRequest request) {
    Place place = place(context, request.getTag(), "");
    names.delete(place.environment().id(), place.name());
    return Empty.getDefaultInstance();
  }

  private static int most(int asked) {
    return asked <= 0 || asked > ImageNames.MOST_AT_ONCE ? ImageNames.MOST_AT_ONCE : asked;
  }

  private static long before(String token) {
    if (!token.isEmpty() && !token.matches("\\d{1,18}")) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + token + "' is no place in the history of a name");
    }
    return token.isEmpty() ? Long.MAX_VALUE : Long.parseLong(token);
  }

  private static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1e3;
  }
}
