package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names an image in a registry.
///
/// @param registry host, with a port where it is not the usual one, such as `docker.io`
/// @param repository such as `library/python`
/// @param tag such as `3.11-slim`; `latest` when the text named neither tag nor digest
/// @param digest of the manifest; where it is given, it decides and the tag is only decoration
public record RegistryReference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
  /// The registry of references that name none.
  public static final String DEFAULT_REGISTRY = "docker.io";

  private static final int MOST_CHARACTERS = 512;
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /// Reads a reference as FROM lines have it.
  ///
  /// @throws SlipwayException INVALID, saying what is wrong with it
  public static RegistryReference parse(String text) {
    if (text.length() > MOST_CHARACTERS) {
      throw invalid(Shown.atMost(text, 80), "it is longer than 512 characters");
    }
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      String value = rest.substring(at + 1);
      if (!value.startsWith("sha256:")) {
        throw invalid(text, "its digest must have the form sha256:…");
      }
      digest = Optional.of(new Digest(value.substring("sha256:".length())));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    String registry = DEFAULT_REGISTRY;
    int slash = rest.indexOf('/');
    if (slash > 0 && isHost(rest.substring(0, slash))) {
      registry = rest.substring(0, slash);
      rest = rest.substring(slash + 1);
    }
    if (registry.equals("index.docker.io")) {
      registry = DEFAULT_REGISTRY;
    }
    if (registry.equals(DEFAULT_REGISTRY) && !rest.contains("/")) {
      rest = "library/" + rest;
    }
    if (!HOST.matcher(registry).matches()) {
      throw invalid(text, "'" + registry + "' is no host");
    }
    if (!REPOSITORY.matcher(rest).matches()) {
      throw invalid(
          text,
          "'%s' is no repository: lower-case letters, digits and . _ - between slashes were expected"
              .formatted(rest));
    }
    if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
      throw invalid(text, "'" + tag.get() + "' is no tag");
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of("latest");
    }
    return new RegistryReference(registry, rest, tag, digest);
  }

  private static boolean isHost(String first) {
    return first.contains(".") || first.contains(":") || first.equals("localhost");
  }

  private static SlipwayException invalid(String text, String reason) {
    return new SlipwayException(
        ErrorKind.INVALID, "'" + text + "' cannot name an image: " + reason);
  }

  /// What a registry is asked for: the digest where there is one, else the tag.
  public String version() {
    return digest.map(d -> "sha256:" + d.hex()).or(() -> tag).orElse("latest");
  }

  @Override
  public String toString() {
    return registry
        + "/"
        + repository
        + tag.map(t -> ":" + t).orElse("")
        + digest.map(d -> "@sha256:" + d.hex()).orElse("");
  }
}
