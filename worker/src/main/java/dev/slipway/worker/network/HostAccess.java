package dev.slipway.worker.network;

import dev.slipway.images.outbound.HostCertificates;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What containers with outbound network need to know from the host: how names resolve, which
/// certificates to trust, and the operator's settings for package indexes and proxies.
///
/// @param resolvConf contents of `/etc/resolv.conf`
/// @param certificates the host's certificate bundle, seen at [#CERTIFICATES] in containers
/// @param variables environment of every container, below its own
public record HostAccess(
    String resolvConf, Optional<Path> certificates, Map<String, String> variables) {
  /// Where containers see the host's certificates. Not the usual place: an image build that
  /// installs certificates replaces that file, which would fail if something was mounted on it.
  public static final String CERTIFICATES = "/__modal/etc/ca-certificates.crt";

  /// The variables that are handed through unless the operator says otherwise: certificates,
  /// package indexes, proxies. Not among them are settings that name directories of the host.
  public static final List<String> DEFAULT_VARIABLES =
      Stream.concat(
              HostCertificates.VARIABLES.stream(),
              Stream.of(
                  "PIP_INDEX_URL",
                  "PIP_EXTRA_INDEX_URL",
                  "PIP_TRUSTED_HOST",
                  "PIP_DEFAULT_TIMEOUT",
                  "UV_INDEX_URL",
                  "UV_DEFAULT_INDEX",
                  "UV_EXTRA_INDEX_URL",
                  "UV_HTTP_TIMEOUT",
                  "UV_HTTP_CONNECT_TIMEOUT",
                  "UV_HTTP_RETRIES",
                  "HTTP_PROXY",
                  "HTTPS_PROXY",
                  "NO_PROXY",
                  "http_proxy",
                  "https_proxy",
                  "no_proxy"))
          .toList();

  public HostAccess {
    variables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(variables));
  }

  /// Reads the host.
  ///
  /// @param names which of the host's variables are handed through
  public static HostAccess of(
      String resolvConf, Map<String, String> hostEnvironment, List<String> names) {
    Optional<Path> bundle = HostCertificates.bundle(hostEnvironment);
    Map<String, String> variables = new LinkedHashMap<>();
    for (String name : names) {
      String value = hostEnvironment.get(name);
      if (value == null || value.isEmpty()) {
        continue;
      }
      if (!namesCertificates(name)) {
        variables.put(name, value);
      } else if (bundle.isPresent()) {
        variables.put(name, CERTIFICATES);
      }
    }
    return new HostAccess(resolvConf, bundle, variables);
  }

  private static boolean namesCertificates(String name) {
    return name.endsWith("_CERT")
        || name.endsWith("_CERTS")
        || name.endsWith("_CERT_FILE")
        || name.endsWith("_CA_BUNDLE")
        || name.endsWith("_CAINFO");
  }
}
