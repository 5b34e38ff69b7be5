package dev.slipway.images.outbound;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The proxies that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name, as curl, pip and others read
/// them: in small letters or capitals, small ones first; a login may stand before the host.
///
/// `NO_PROXY` has names of hosts, which stand for all below them too, addresses, or `*`.
final class Proxies extends ProxySelector {
  private static final Logger log = LoggerFactory.getLogger(Proxies.class);
  private static final int USUAL_PORT = 80;

  private final Optional<URI> http;
  private final Optional<URI> https;
  private final List<String> direct;

  private Proxies(Optional<URI> http, Optional<URI> https, List<String> direct) {
    this.http = http;
    this.https = https;
    this.direct = direct;
  }

  static Proxies of(Map<String, String> environment) {
    return new Proxies(
        proxy(environment, "http_proxy"),
        proxy(environment, "https_proxy"),
        Stream.of(find(environment, "no_proxy").orElse("").split("[,\\s]+"))
            .map(name -> name.toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .toList());
  }

  private static Optional<String> find(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .filter(value -> !value.isBlank())
        .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private static Optional<URI> proxy(Map<String, String> environment, String name) {
    return find(environment, name)
        .flatMap(value -> {
          try {
            URI address = URI.create(value.contains("://") ? value : "http://" + value);
            if (address.getHost() != null && "http".equalsIgnoreCase(address.getScheme())) {
              return Optional.of(address);
            }
          } catch (IllegalArgumentException e) {
            log.debug("no address of a proxy", e);
          }
          // Its value may have a password.
          log.warn("{} is passed over: it does not say http://HOST:PORT", name);
          return Optional.empty();
        });
  }

  /// Logins of these proxies, if one has any.
  Optional<Authenticator> logins() {
    return Stream.of(https, http)
        .flatMap(Optional::stream)
        .filter(proxy -> proxy.getRawUserInfo() != null)
        .findFirst()
        .map(_ -> new Logins());
  }

  @Override
  public List<Proxy> select(URI address) {
    boolean secure = "https".equalsIgnoreCase(address.getScheme());
    String host = address.getHost();
    return (secure ? https : http)
        .filter(_ -> host != null && !isDirect(host.toLowerCase(Locale.ROOT), address.getPort()))
        .map(proxy ->
            new Proxy(
                Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port(proxy))))
        .map(List::of)
        .orElse(List.of(Proxy.NO_PROXY));
  }

  private static int port(URI proxy) {
    return proxy.getPort() < 0 ? USUAL_PORT : proxy.getPort();
  }

  /// No proxy can reach what listens on this machine only.
  private static boolean isHere(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private boolean isDirect(String host, int port) {
    return isHere(host)
        || direct.stream()
            .anyMatch(name -> {
              String bare = name.replaceFirst("^\\*?\\.", "");
              return name.equals("*")
                  || host.equals(bare)
                  || host.endsWith("." + bare)
                  || (host + ":" + port).equals(bare);
            });
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
    log.warn("the proxy {} does not answer: {}", proxy, failure.toString());
  }

  private final class Logins extends Authenticator {
    @Override
    protected @Nullable PasswordAuthentication getPasswordAuthentication() {
      if (getRequestorType() != RequestorType.PROXY) {
        return null;
      }
      for (URI proxy : Stream.of(https, http).flatMap(Optional::stream).toList()) {
        String login = proxy.getRawUserInfo();
        boolean asks =
            proxy.getHost().equalsIgnoreCase(getRequestingHost())
                && port(proxy) == getRequestingPort();
        if (asks && login != null) {
          String[] parts = login.split(":", 2);
          return new PasswordAuthentication(
              decoded(parts[0]), decoded(parts.length < 2 ? "" : parts[1]).toCharArray());
        }
      }
      return null;
    }

    private static String decoded(String text) {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
  }
}
