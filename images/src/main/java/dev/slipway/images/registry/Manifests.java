package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the documents of the image formats of OCI and Docker.
final class Manifests {
  static final List<String> ACCEPTED =
      List.of(
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json");

  /// Most layers that an image may have: what overlayfs can stack, with room for what is built on
  /// it.
  static final int MOST_LAYERS = 300;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Manifests() {}

  /// Bytes in a registry.
  record Descriptor(Digest digest, long size) {}

  /// A manifest for one platform.
  record Manifest(Descriptor config, List<Descriptor> layers) {}

  /// What the config document of an image says.
  record Config(ImageConfig image, List<Digest> contents) {}

  /// The manifest for this platform where the document is a list of manifests; empty where it is a
  /// manifest itself.
  static Optional<Descriptor> findForPlatform(String image, JsonNode document) {
    if (!document.has("manifests")) {
      return Optional.empty();
    }
    List<String> platforms = new ArrayList<>();
    for (JsonNode entry : document.path("manifests")) {
      String os = entry.path("platform").path("os").asString("");
      String architecture = entry.path("platform").path("architecture").asString("");
      if (os.equals("linux") && architecture.equals("amd64")) {
        return Optional.of(descriptor(image, entry));
      }
      if (!os.equals("unknown")) {
        platforms.add(os + "/" + architecture);
      }
    }
    throw new SlipwayException(
        ErrorKind.UNSUPPORTED,
        "the image %s exists for %s, and not for linux/amd64".formatted(image, platforms));
  }

  static Manifest manifest(String image, JsonNode document) {
    if (!document.has("config") || !document.has("layers")) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "the manifest of %s is of a kind that is not known here: '%s'"
              .formatted(
                  image,
                  document
                      .path("mediaType")
                      .asString(
                          "schema version " + document.path("schemaVersion").asString("unknown"))));
    }
    List<Descriptor> layers = new ArrayList<>();
    document.path("layers").forEach(layer -> layers.add(descriptor(image, layer)));
    if (layers.size() > MOST_LAYERS) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "the image %s has %d layers, at most %d can be stacked"
              .formatted(image, layers.size(), MOST_LAYERS));
    }
    return new Manifest(descriptor(image, document.path("config")), layers);
  }

  static Config config(String image, JsonNode document) {
    String platform =
        document.path("os").asString("linux")
            + "/"
            + document.path("architecture").asString("amd64");
    if (!platform.equals("linux/amd64")) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "the image %s is made for %s, and not for linux/amd64".formatted(image, platform));
    }
    JsonNode config = document.path("config");
    Map<String, String> environment = new LinkedHashMap<>();
    for (String variable : strings(config.path("Env"))) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        environment.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    List<Digest> contents = new ArrayList<>();
    for (String text : strings(document.path("rootfs").path("diff_ids"))) {
      contents.add(digest(image, text));
    }
    return new Config(
        new ImageConfig(
            environment,
            config.path("WorkingDir").asString(""),
            strings(config.path("Entrypoint")),
            strings(config.path("Cmd")),
            strings(config.path("Shell")),
            config.path("User").asString(""),
            strings(config.path("OnBuild"))),
        contents);
  }

  static JsonNode parse(String image, byte[] document) {
    try {
      return JSON.readTree(document);
    } catch (JacksonException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS, "the registry's answer about " + image + " is no JSON", e);
    }
  }

  private static Descriptor descriptor(String image, JsonNode node) {
    long size = node.path("size").asLong(-1);
    if (size < 0) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS, "the manifest of " + image + " names a part without its size");
    }
    return new Descriptor(digest(image, node.path("digest").asString("")), size);
  }

  private static Digest digest(String image, String text) {
    if (!text.startsWith("sha256:")) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "the manifest of %s names a part by '%s', only sha256:… is known here"
              .formatted(image, text));
    }
    return new Digest(text.substring("sha256:".length()));
  }

  private static List<String> strings(JsonNode array) {
    List<String> result = new ArrayList<>();
    array.forEach(node -> result.add(node.asString("")));
    return result;
  }
}
