package dev.slipway.images.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboundTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path directory;

  @Test
  void proxiesAreThoseOfTheEnvironment() {
    Outbound outbound =
        Outbound.of(
            Map.of(
                "HTTPS_PROXY", "http://proxy.example:3128",
                "https_proxy", "",
                "no_proxy", "example.org, .internal,10.0.0.7"));

    assertThat(goesItself(outbound, "https://example.com/a")).isFalse();
    assertThat(goesItself(outbound, "http://example.com/a")).as("has no proxy").isTrue();
    assertThat(goesItself(outbound, "https://example.org")).isTrue();
    assertThat(goesItself(outbound, "https://www.Example.org:8443")).isTrue();
    assertThat(goesItself(outbound, "https://notexample.org")).isFalse();
    assertThat(goesItself(outbound, "https://db.internal/x")).isTrue();
    assertThat(goesItself(outbound, "https://10.0.0.7/x")).isTrue();
    assertThat(goesItself(outbound, "https://127.0.0.1:5000/v2/")).isTrue();
    assertThat(goesItself(Outbound.of(Map.of("https_proxy", "socks5://x:1")), "https://a.example"))
        .as("no proxy that we could use")
        .isTrue();
    assertThat(
            goesItself(
                Outbound.of(Map.of("https_proxy", "x:1", "NO_PROXY", "*")), "https://a.example"))
        .isTrue();
  }

  private static boolean goesItself(Outbound outbound, String address) {
    return outbound.connectsItself(URI.create(address));
  }

  @Test
  void aProxyIsAskedWithItsLogin() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    String login =
        "Basic " + Base64.getEncoder().encodeToString("us@er:p:w".getBytes(StandardCharsets.UTF_8));
    HttpServer proxy = HttpServer.create(loopback(), 0);
    proxy.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add("" + exchange.getRequestURI());
            boolean known =
                login.equals(exchange.getRequestHeaders().getFirst("Proxy-Authorization"));
            exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"p\"");
            exchange.sendResponseHeaders(known ? 204 : 407, -1);
          }
        });
    proxy.start();
    String address = "http://us%40er:p%3Aw@127.0.0.1:" + proxy.getAddress().getPort();
    try (LazyClient client = Outbound.of(Map.of("http_proxy", address)).client(PATIENCE)) {
      assertThat(status(client, "http://files.invalid/a")).isEqualTo(204);
      assertThat(asked).isNotEmpty().allMatch(uri -> uri.equals("http://files.invalid/a"));
    } finally {
      proxy.stop(0);
    }
  }

  @Test
  void certificatesOfThisMachineAreTrusted() throws Exception {
    Path store = directory.resolve("store.p12");
    keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost");
    Path bundle = directory.resolve("bundle.pem");
    keytool("-exportcert", "-rfc", "-file", "" + bundle);
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity(store)));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(204, -1);
          }
        });
    server.start();
    String address = "https://localhost:" + server.getAddress().getPort() + "/";
    try (LazyClient knowing = Outbound.of(Map.of("SSL_CERT_FILE", "" + bundle)).client(PATIENCE);
        LazyClient stranger = Outbound.direct().client(PATIENCE)) {
      assertThat(status(knowing, address)).isEqualTo(204);
      assertThatThrownBy(() -> status(stranger, address)).isInstanceOf(SSLHandshakeException.class);
    } finally {
      server.stop(0);
    }
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static int status(LazyClient client, String address)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE).build();
    return client.get().send(request, BodyHandlers.discarding()).statusCode();
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-alias", "it", "-keystore", "" + directory.resolve("store.p12")));
    command.addAll(List.of("-storepass", "secret"));
    assertThat(new ProcessBuilder(command).redirectErrorStream(true).start().waitFor()).isZero();
  }

  private static SSLContext identity(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "secret".toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
