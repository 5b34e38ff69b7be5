package dev.slipway.images.plan;

import dev.slipway.model.Digest;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.math.BigInteger;
import java.util.Optional;

/// Derives ids from keys: equal recipes of a workspace have one id, in every run. Each workspace
/// has ids, and layers, of its own: what one workspace built, perhaps with its secrets, is never
/// served to another.
public final class ImageIdentity {
  private static final String ALPHANUMERIC =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int BODY_LENGTH = 22;
  private static final String IMAGE = "im-";
  private static final String LAYER = "ly-";

  private ImageIdentity() {}

  /// The id of the image with this key.
  ///
  /// @param generation empty for what the cache gives; a forced build has one of its own, so that
  ///   the images that stand on it are rebuilt too
  public static ImageId of(WorkspaceId workspace, Digest key, String generation) {
    Digest scoped =
        new LayerKey("slipway-image-1")
            .add(workspace.value())
            .add(key.hex())
            .add(generation)
            .digest();
    BigInteger number = new BigInteger(1, scoped.bytes());
    BigInteger radix = BigInteger.valueOf(ALPHANUMERIC.length());
    StringBuilder body = new StringBuilder(BODY_LENGTH);
    while (body.length() < BODY_LENGTH) {
      BigInteger[] parts = number.divideAndRemainder(radix);
      body.append(ALPHANUMERIC.charAt(parts[1].intValue()));
      number = parts[0];
    }
    return new ImageId(IMAGE + body);
  }

  /// The id of the layer that the image adds to its base.
  public static String layerOf(ImageId image) {
    return LAYER + image.value().substring(IMAGE.length());
  }

  /// The image that a layer was built for; empty for layers that come with bases.
  public static Optional<ImageId> imageOf(String layer) {
    return layer.startsWith(LAYER)
        ? Optional.of(new ImageId(IMAGE + layer.substring(LAYER.length())))
        : Optional.empty();
  }
}
