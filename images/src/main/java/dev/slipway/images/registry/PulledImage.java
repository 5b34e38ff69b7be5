package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import dev.slipway.model.ImageConfig;
import java.util.List;

/// An image whose layers are in the content store, but for those that are unpacked here already.
///
/// @param manifest digest of the manifest for this platform
/// @param layers bottom to top
public record PulledImage(Digest manifest, List<Layer> layers, ImageConfig config) {
  public PulledImage {
    layers = List.copyOf(layers);
  }

  /// A layer as the registry has it: a tar, compressed or not.
  ///
  /// @param digest of these bytes
  /// @param their number
  /// @param contents digest of the tar once it is decompressed
  public record Layer(Digest digest, long size, Digest contents) {}
}
