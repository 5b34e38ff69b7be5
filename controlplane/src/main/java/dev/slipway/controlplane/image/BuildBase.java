package dev.slipway.controlplane.image;

import dev.slipway.model.ImageConfig;
import dev.slipway.model.ImageId;
import java.util.List;

/// What a build starts from, with everything that a machine needs to know about it.
public sealed interface BuildBase {
  /// A name for the machine's base image providers, such as `python:3.11.12-slim-bookworm`.
  ///
  /// @param anew whether to look up what the name means now, however lately that was done
  record Reference(String name, boolean anew) implements BuildBase {}

  /// An image that was built before.
  ///
  /// @param layerIds bottom to top
  record Parent(ImageId image, List<String> layerIds, ImageConfig config) implements BuildBase {
    public Parent {
      layerIds = List.copyOf(layerIds);
    }
  }

  /// What an earlier stage of the same request makes.
  ///
  /// @param index its place in [BuildRequest#stages]
  record Stage(int index) implements BuildBase {}
}
