package dev.slipway.worker.base;

import dev.slipway.model.ImageConfig;
import dev.slipway.worker.layer.LayerId;
import java.util.List;

/// An image that others are built on.
///
/// @param layers bottom to top, all of them on this machine
/// @param digest `sha256:…` of the registry's manifest, or a description of the local base that
///   stands in for it
public record BaseImage(List<LayerId> layers, ImageConfig config, String digest) {
  public BaseImage {
    layers = List.copyOf(layers);
  }
}
