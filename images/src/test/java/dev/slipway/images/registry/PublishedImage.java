package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// An image as a registry holds it, made for tests.
///
/// @param blobs layers and the config document, by digest
record PublishedImage(byte[] manifest, Map<Digest, byte[]> blobs, List<Digest> layers) {
  static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

  /// An image of these layers, given as tars, each compressed with gzip.
  static PublishedImage of(String architecture, List<byte[]> tars) {
    Map<Digest, byte[]> blobs = new LinkedHashMap<>();
    List<byte[]> layers = tars.stream().map(Layers::gzip).toList();
    layers.forEach(layer -> blobs.put(digest(layer), layer));
    String contents =
        tars.stream().map(tar -> "\"sha256:" + digest(tar) + "\"").collect(Collectors.joining(","));
    byte[] config =
        """
        {"os": "linux", "architecture": "%s",
         "config": {"Env": ["PATH=/usr/bin", "A=b=c"], "WorkingDir": "/w", "Cmd": ["run"],
                    "Entrypoint": ["enter"], "User": "me", "Shell": ["/bin/bash", "-c"]},
         "rootfs": {"type": "layers", "diff_ids": [%s]}}
        """
            .formatted(architecture, contents)
            .getBytes(StandardCharsets.UTF_8);
    blobs.put(digest(config), config);
    String described =
        layers.stream()
            .map(layer -> descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer))
            .collect(Collectors.joining(","));
    String manifest =
        "{\"schemaVersion\": 2, \"mediaType\": \"%s\", \"config\": %s, \"layers\": [%s]}"
            .formatted(
                OCI, descriptor("application/vnd.oci.image.config.v1+json", config), described);
    return new PublishedImage(
        manifest.getBytes(StandardCharsets.UTF_8),
        blobs,
        layers.stream().map(PublishedImage::digest).toList());
  }

  /// A list that names this image for linux/amd64, behind one that nobody has.
  byte[] list() {
    return """
    {"schemaVersion": 2, "mediaType": "%s", "manifests": [
      {"digest": "sha256:%s", "size": 1, "platform": {"os": "linux", "architecture": "arm64"}},
      {"mediaType": "%s", "digest": "sha256:%s", "size": %d,
       "platform": {"os": "linux", "architecture": "amd64"}}]}
    """
        .formatted(DOCKER_LIST, "0".repeat(64), OCI, digest(manifest), manifest.length)
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
