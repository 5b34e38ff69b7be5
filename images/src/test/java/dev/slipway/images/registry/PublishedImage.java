package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// An image as a registry holds it, made for tests.
///
/// @param mediaType of the manifest
/// @param blobs layers and the config document, by digest
record PublishedImage(
    String mediaType, byte[] manifest, Map<Digest, byte[]> blobs, List<Digest> layers) {
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

  /// The words of a format of manifests, with the compression of layers.
  enum Format {
    OCI(
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        Layers::gzip),
    OCI_ZSTD(OCI.manifest, OCI.config, "application/vnd.oci.image.layer.v1.tar+zstd", Layers::zstd),
    DOCKER(
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        Layers::gzip);

    private final String manifest;
    private final String config;
    private final String layer;
    private final UnaryOperator<byte[]> compression;

    Format(String manifest, String config, String layer, UnaryOperator<byte[]> compression) {
      this.manifest = manifest;
      this.config = config;
      this.layer = layer;
      this.compression = compression;
    }
  }

  /// An image of these layers, given as tars, each compressed with gzip.
  static PublishedImage of(String architecture, List<byte[]> tars) {
    return of(Format.OCI, architecture, tars);
  }

  static PublishedImage of(Format format, String architecture, List<byte[]> tars) {
    Map<Digest, byte[]> blobs = new LinkedHashMap<>();
    List<byte[]> layers = tars.stream().map(format.compression).toList();
    layers.forEach(layer -> blobs.put(digest(layer), layer));
    String contents =
        tars.stream().map(tar -> "\"sha256:" + digest(tar) + "\"").collect(Collectors.joining(","));
    byte[] config =
        """
        {"os": "linux", "architecture": "%s",
         "config": {"Env": ["PATH=/usr/bin", "A=b=c"], "WorkingDir": "/w", "Cmd": ["run"],
                    "Entrypoint": ["enter"], "User": "me", "Shell": ["/bin/bash", "-c"],
                    "OnBuild": ["RUN x"]},
         "rootfs": {"type": "layers", "diff_ids": [%s]}}
        """
            .formatted(architecture, contents)
            .getBytes(StandardCharsets.UTF_8);
    blobs.put(digest(config), config);
    String described =
        layers.stream()
            .map(layer -> descriptor(format.layer, layer))
            .collect(Collectors.joining(","));
    String manifest =
        "{\"schemaVersion\": 2, \"mediaType\": \"%s\", \"config\": %s, \"layers\": [%s]}"
            .formatted(format.manifest, descriptor(format.config, config), described);
    return new PublishedImage(
        format.manifest,
        manifest.getBytes(StandardCharsets.UTF_8),
        blobs,
        layers.stream().map(PublishedImage::digest).toList());
  }

  /// A list that names this image for linux/amd64, behind one for another platform.
  ///
  /// @param mediaType of the list
  byte[] list(String mediaType, PublishedImage arm64) {
    return """
    {"schemaVersion": 2, "mediaType": "%s", "manifests": [
      {"mediaType": "%s", "digest": "sha256:%s", "size": %d,
       "platform": {"os": "linux", "architecture": "arm64"}},
      {"mediaType": "%s", "digest": "sha256:%s", "size": %d,
       "platform": {"os": "linux", "architecture": "amd64"}}]}
    """
        .formatted(
            mediaType,
            arm64.mediaType,
            digest(arm64.manifest),
            arm64.manifest.length,
            this.mediaType,
            digest(manifest),
            manifest.length)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String descriptor(String mediaType, byte[] bytes) {
    return "{\"mediaType\": \"%s\", \"digest\": \"sha256:%s\", \"size\": %d}"
        .formatted(mediaType, digest(bytes), bytes.length);
  }

  static Digest digest(byte[] bytes) {
    try {
      return Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
