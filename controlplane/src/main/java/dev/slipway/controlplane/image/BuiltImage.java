package dev.slipway.controlplane.image;

import dev.slipway.model.ImageConfig;
import dev.slipway.model.ImageId;
import java.util.List;

/// An image from which containers can be started.
///
/// @param builderVersion the client's image builder version that it was asked for with
public record BuiltImage(ImageId id, String builderVersion, ImageContents contents) {
  /// The layers, bottom to top.
  public List<String> layerIds() {
    return contents.layerIds();
  }

  public ImageConfig config() {
    return contents.config();
  }

  /// Output of `python -VV`; empty when the image has no Python.
  public String pythonVersionInfo() {
    return contents.pythonVersionInfo();
  }
}
