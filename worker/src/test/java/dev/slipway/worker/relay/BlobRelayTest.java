package dev.slipway.worker.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlobRelayTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final int LARGE_BYTES = 64 << 20;
  private static final int HALF_BYTES = 1 << 20;

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final CountDownLatch secondHalf = new CountDownLatch(1);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer door;
  private BlobRelay relay;

  @BeforeEach
  void open() throws IOException {
    door = HttpServer.create(ANY_PORT, 0);
    door.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    door.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add(
                exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestURI()
                    + " "
                    + exchange.getRequestHeaders().getFirst("X-Said"));
            switch (exchange.getRequestURI().getPath()) {
              case "/blob/echo" -> {
                exchange.getResponseHeaders().add("ETag", "\"e\"");
                exchange.sendResponseHeaders(201, 0);
                exchange.getRequestBody().transferTo(exchange.getResponseBody());
              }
              case "/blob/keep" -> {
                byte[] received = exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, received.length);
                exchange.getResponseBody().write(received);
              }
              case "/blob/half" -> {
                exchange.sendResponseHeaders(200, 2 * HALF_BYTES);
                exchange.getResponseBody().write(new byte[HALF_BYTES]);
                exchange.getResponseBody().flush();
                awaitSecondHalf();
                exchange.getResponseBody().write(new byte[HALF_BYTES]);
              }
              default -> exchange.sendResponseHeaders(410, -1);
            }
          }
        });
    door.start();
    relay = BlobRelay.open(ANY_PORT, URI.create("http://127.0.0.1:" + door.getAddress().getPort()));
  }

  @AfterEach
  void close() {
    relay.close();
    door.stop(0);
    client.shutdownNow();
  }

  @Test
  void requestsBelowBlobPassWithTheirHeadersAndAnswers() throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(relay.url() + "/blob/echo?signature=a%2Fb"))
                .header("X-Said", "by container")
                .PUT(HttpRequest.BodyPublishers.ofString("contents"))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.body()).isEqualTo("contents");
    assertThat(answer.headers().firstValue("ETag")).hasValue("\"e\"");
    assertThat(asked.take()).isEqualTo("PUT /blob/echo?signature=a%2Fb by container");
    assertThat(get("/blob/gone").statusCode()).isEqualTo(410);
  }

  @Test
  void largeBodiesPassInBothDirections() throws Exception {
    byte[] large = new byte[LARGE_BYTES];
    new java.util.Random(1).nextBytes(large);

    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(relay.url() + "/blob/keep"))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(large))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(answer.body()).isEqualTo(large);
  }

  @Test
  void aBodyPassesWhileItIsStillBeingSent() throws Exception {
    HttpResponse<InputStream> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(relay.url() + "/blob/half")).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      assertThat(body.readNBytes(HALF_BYTES / 2)).hasSize(HALF_BYTES / 2);

      secondHalf.countDown();

      assertThat(body.readAllBytes()).hasSize(HALF_BYTES + HALF_BYTES / 2);
    }
  }

  @Test
  void nothingElseBehindTheDoorIsReached() throws Exception {
    for (String path :
        new String[] {
          "/",
          "/healthz",
          "/metrics",
          "/blobs/x",
          "/blob",
          "/blob/../metrics",
          "/blob/%2e%2e/metrics",
          "/blob/x/%2E%2E/%2E%2E/metrics",
          "//blob/echo",
          "http://127.0.0.1/metrics"
        }) {
      assertThat(raw(path)).as(path).startsWith("HTTP/1.1 404");
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void aDoorThatIsAwayIsToldAsUnavailable() throws Exception {
    door.stop(0);

    assertThat(get("/blob/echo").statusCode()).isEqualTo(503);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(relay.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// A request whose target goes out exactly as it is written.
  private String raw(String target) throws IOException {
    URI address = URI.create(relay.url());
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void awaitSecondHalf() {
    try {
      assertThat(secondHalf.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
