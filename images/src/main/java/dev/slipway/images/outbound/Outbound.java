package dev.slipway.images.outbound;

import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How what runs on this machine reaches the web, as the operator's environment says.
public final class Outbound {
  private static final Logger log = LoggerFactory.getLogger(Outbound.class);

  private final Proxies proxies;
  private final Optional<Path> certificates;

  private Outbound(Proxies proxies, Optional<Path> certificates) {
    this.proxies = proxies;
    this.certificates = certificates;
  }

  /// @param environment of this process
  public static Outbound of(Map<String, String> environment) {
    return new Outbound(Proxies.of(environment), HostCertificates.bundle(environment));
  }

  /// Without proxies, trusting what Java trusts.
  public static Outbound direct() {
    return new Outbound(Proxies.of(Map.of()), Optional.empty());
  }

  /// Whether this machine itself connects to that address, and not a proxy for it.
  public boolean connectsItself(URI address) {
    return proxies.select(address).contains(Proxy.NO_PROXY);
  }

  /// A client for HTTP that follows no redirects by itself.
  public LazyClient client(Duration connectTimeout) {
    return new LazyClient(() -> open(connectTimeout));
  }

  private HttpClient open(Duration connectTimeout) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(connectTimeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(proxies);
    proxies.logins().ifPresent(builder::authenticator);
    if (certificates.isPresent()) {
      try {
        builder.sslContext(HostCertificates.trust(certificates.get()));
      } catch (IOException e) {
        log.warn("only the certificates that come with Java are trusted: {}", e.toString());
      }
    }
    return builder.build();
  }
}
