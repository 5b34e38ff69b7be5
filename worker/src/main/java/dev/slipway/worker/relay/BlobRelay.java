package dev.slipway.worker.relay;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Blobs for containers: an HTTP server on the gateway's address that passes on requests below
/// `/blob/`, and nothing else, to the control plane's door. Bodies stream through in both
/// directions.
public final class BlobRelay implements AutoCloseable {
  private static final String PATH = "/blob/";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /// Headers that belong to one connection, or that the HTTP client sets itself.
  private static final Set<String> OWN_HEADERS =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "transfer-encoding",
          "upgrade");

  private static final Logger log = LoggerFactory.getLogger(BlobRelay.class);

  private final HttpServer server;
  private final URI door;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  private BlobRelay(HttpServer server, URI door) {
    this.server = server;
    this.door = door;
  }

  /// Opens the relay.
  ///
  /// @param listen the gateway's address
  /// @param door where the control plane is reached, such as `http://127.0.0.1:8470`
  public static BlobRelay open(InetSocketAddress listen, URI door) throws IOException {
    HttpServer server = HttpServer.create(listen, 0);
    BlobRelay relay = new BlobRelay(server, door);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", relay::handle);
    server.start();
    return relay;
  }

  /// Where containers reach it.
  public String url() {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      // Escaped dots would be dots again behind the door.
      if (!path.startsWith(PATH) || exchange.getRequestURI().getPath().contains("..")) {
        refuse(exchange, 404, "only blobs are served here, below " + PATH);
        return;
      }
      try {
        passOn(exchange);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        log.debug("a blob transfer broke", e);
        if (exchange.getResponseCode() == -1) {
          refuse(exchange, 503, "the server cannot be reached: " + e.getMessage());
        }
      }
    }
  }

  private void passOn(HttpExchange exchange) throws IOException, InterruptedException {
    URI asked = exchange.getRequestURI();
    String query = asked.getRawQuery();
    URI target = door.resolve(asked.getRawPath() + (query == null ? "" : "?" + query));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target).method(exchange.getRequestMethod(), body(exchange));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    HttpResponse<InputStream> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    for (Map.Entry<String, List<String>> header : response.headers().map().entrySet()) {
      if (!OWN_HEADERS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        exchange.getResponseHeaders().put(header.getKey(), header.getValue());
      }
    }
    try (InputStream from = response.body()) {
      OptionalLong length = response.headers().firstValueAsLong("content-length");
      boolean empty =
          exchange.getRequestMethod().equals("HEAD")
              || (length.isPresent() && length.getAsLong() == 0);
      // To the JDK's server -1 says that there is no body, and 0 that its length is not known.
      exchange.sendResponseHeaders(response.statusCode(), empty ? -1 : length.orElse(0));
      if (!empty) {
        try (OutputStream to = exchange.getResponseBody()) {
          from.transferTo(to);
        }
      }
    }
  }

  private static HttpRequest.BodyPublisher body(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    HttpRequest.BodyPublisher stream =
        HttpRequest.BodyPublishers.ofInputStream(exchange::getRequestBody);
    if (length != null) {
      long bytes = Long.parseLong(length);
      return bytes == 0
          ? HttpRequest.BodyPublishers.noBody()
          : HttpRequest.BodyPublishers.fromPublisher(stream, bytes);
    }
    return exchange.getRequestHeaders().containsKey("Transfer-Encoding")
        ? stream
        : HttpRequest.BodyPublishers.noBody();
  }

  private static void refuse(HttpExchange exchange, int status, String sentence)
      throws IOException {
    byte[] bytes = (sentence + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    client.shutdownNow();
  }
}
