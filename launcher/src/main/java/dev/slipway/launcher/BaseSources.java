package dev.slipway.launcher;

import dev.slipway.images.registry.RegistrySettings;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.worker.base.DebianMirror;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Where base images come from, as the operator of a worker sets it by environment variables.
///
/// @param registries how registries are reached
/// @param interpreters directories with Python interpreters, looked into before the usual places
/// @param mirror where Debian's packages come from
record BaseSources(RegistrySettings registries, List<Path> interpreters, DebianMirror mirror) {
  static final String MIRRORS = "SLIPWAY_REGISTRY_MIRRORS";
  static final String BLOCKED = "SLIPWAY_REGISTRIES_BLOCKED";
  static final String PLAIN_HTTP = "SLIPWAY_REGISTRIES_PLAIN_HTTP";
  static final String CREDENTIALS = "SLIPWAY_REGISTRY_CREDENTIALS";
  static final String INTERPRETERS = "SLIPWAY_INTERPRETERS";
  static final String DEBIAN = "SLIPWAY_DEBIAN_MIRROR";
  static final String DEBIAN_SECURITY = "SLIPWAY_DEBIAN_SECURITY_MIRROR";

  /// Docker's own name for the registry that references without one mean.
  private static final String DOCKER_HUB_ENTRY = "https://index.docker.io/v1/";

  BaseSources {
    interpreters = List.copyOf(interpreters);
  }

  /// @throws StartRefusedException for a value that does not have the form it should have
  static BaseSources of(Map<String, String> environment) {
    RegistrySettings usual = RegistrySettings.standard();
    return new BaseSources(
        new RegistrySettings(
            mirrors(words(environment, MIRRORS)),
            Set.copyOf(words(environment, BLOCKED)),
            find(environment, CREDENTIALS).map(file -> credentials(Path.of(file))).orElse(Map.of()),
            Set.copyOf(words(environment, PLAIN_HTTP)),
            usual.answerTimeout(),
            usual.stallTimeout()),
        interpreters(environment),
        find(environment, DEBIAN)
            .map(archive ->
                new DebianMirror(
                    web(DEBIAN, archive).toString(),
                    find(environment, DEBIAN_SECURITY)
                        .map(url -> web(DEBIAN_SECURITY, url).toString())))
            .orElseGet(DebianMirror::ofThisMachine));
  }

  /// Directories with interpreters, which the server needs, too.
  static List<Path> interpreters(Map<String, String> environment) {
    return find(environment, INTERPRETERS).stream()
        .flatMap(value -> Stream.of(value.split(":")))
        .map(BaseSources::directory)
        .toList();
  }

  private static Map<String, List<URI>> mirrors(List<String> words) {
    Map<String, List<URI>> mirrors = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw refused(MIRRORS, word, "REGISTRY=URL, such as docker.io=https://mirror.example");
      }
      mirrors
          .computeIfAbsent(word.substring(0, equals), _ -> new ArrayList<>())
          .add(web(MIRRORS, word.substring(equals + 1)));
    }
    return mirrors;
  }

  /// The `auths` of a file as `docker login` and `skopeo login` write it.
  private static Map<String, Credentials> credentials(Path file) {
    Map<String, Credentials> credentials = new LinkedHashMap<>();
    try {
      JsonNode auths = JsonMapper.shared().readTree(Files.readString(file)).path("auths");
      for (Map.Entry<String, JsonNode> entry : auths.properties()) {
        String[] pair =
            new String(
                    Base64.getDecoder().decode(entry.getValue().path("auth").asString()),
                    StandardCharsets.UTF_8)
                .split(":", 2);
        if (pair.length != 2) {
          throw new IllegalArgumentException(entry.getKey() + " has no user and password");
        }
        credentials.put(registry(entry.getKey()), new Credentials(pair[0], pair[1]));
      }
    } catch (IOException | JacksonException | IllegalArgumentException e) {
      // Without the content, which holds passwords.
      throw refused(
          CREDENTIALS,
          file.toString(),
          "a readable file with \"auths\" as docker login writes it ("
              + e.getClass().getSimpleName()
              + ")");
    }
    return credentials;
  }

  private static String registry(String entry) {
    return entry.equals(DOCKER_HUB_ENTRY)
        ? "docker.io"
        : entry.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
  }

  private static Path directory(String value) {
    Path path = Path.of(value);
    if (!path.isAbsolute() || !Files.isDirectory(path)) {
      throw refused(INTERPRETERS, value, "absolute paths of directories, with ':' between them");
    }
    return path;
  }

  private static URI web(String name, String value) {
    try {
      URI address = URI.create(value);
      if (Set.of("http", "https").contains(String.valueOf(address.getScheme()))
          && address.getHost() != null) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Refused below, with the value.
    }
    throw refused(name, value, "an address that begins with http:// or https://");
  }

  private static List<String> words(Map<String, String> environment, String name) {
    return find(environment, name).stream()
        .flatMap(value -> Arrays.stream(value.split("[,\\s]+")))
        .collect(Collectors.toList());
  }

  private static Optional<String> find(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static StartRefusedException refused(String name, String value, String expected) {
    return new StartRefusedException(
        ExitStatus.USAGE, "%s has '%s'; expected %s".formatted(name, value, expected));
  }
}
