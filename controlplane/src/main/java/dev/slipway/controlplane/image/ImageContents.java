package dev.slipway.controlplane.image;

import dev.slipway.model.ImageConfig;
import java.util.List;
import java.util.Map;

/// What is in a finished image.
///
/// @param layerIds bottom to top
/// @param pythonVersionInfo output of `python -VV`; empty when the image has no Python
/// @param pythonPackages installed distributions: name to version
/// @param libcVersionInfo empty when unknown
/// @param baseDigest `sha256:…` of the registry's manifest, or what stood in for it
/// @param sizeBytes of the layer that the build added
public record ImageContents(
    List<String> layerIds,
    ImageConfig config,
    String pythonVersionInfo,
    Map<String, String> pythonPackages,
    String libcVersionInfo,
    String baseDigest,
    long sizeBytes) {
  public ImageContents {
    layerIds = List.copyOf(layerIds);
    pythonPackages = Map.copyOf(pythonPackages);
  }
}
