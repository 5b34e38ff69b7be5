package dev.slipway.images.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.content.FileContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebFilesTest {
  /// Longer than anything takes here, also on a slow machine.
  private static final Duration LONG = Duration.ofSeconds(50);

  private static final WebLimits LIMITS = new WebLimits(1_000, LONG, LONG, LONG);

  @TempDir Path directory;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<String> answered = new CopyOnWriteArrayList<>();
  private volatile String text = "first";
  private HttpServer server;
  private FileContentStore content;
  private WebFiles files;

  @BeforeEach
  void serve() throws IOException {
    content = new FileContentStore(directory, 0);
    files = new WebFiles(content, LIMITS, _ -> true, Outbound.direct());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String tag = "\"" + text + "\"";
    try (exchange) {
      switch (path) {
        case "/moved" -> {
          exchange.getResponseHeaders().set("Location", "/a%20file.txt");
          exchange.sendResponseHeaders(302, -1);
        }
        case "/round" -> {
          exchange.getResponseHeaders().set("Location", "/round");
          exchange.sendResponseHeaders(302, -1);
        }
        case "/large" -> sendOneByteOf(exchange, 1_001);
        case "/endless" -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] piece = new byte[500];
          for (int i = 0; i < 1_000; i++) {
            exchange.getResponseBody().write(piece);
          }
        }
        case "/hangs" -> sendOneByteOf(exchange, 10);
        case "/none" -> exchange.sendResponseHeaders(404, -1);
        case "/broken" -> exchange.sendResponseHeaders(500, -1);
        default -> {
          exchange.getResponseHeaders().set("ETag", tag);
          if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            answered.add("unchanged");
            exchange.sendResponseHeaders(304, -1);
          } else {
            answered.add(text);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sendOneByteOf(HttpExchange exchange, int length)
      throws IOException, InterruptedException {
    exchange.sendResponseHeaders(200, length);
    exchange.getResponseBody().write('x');
    exchange.getResponseBody().flush();
    closing.await();
  }

  private String address(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  @Test
  void aFileComesOnceUntilItChanges() throws Exception {
    WebFile first = files.fetch(Wanted.of(address("/a%20file.txt")));
    WebFile again = files.fetch(Wanted.of(address("/a%20file.txt")));
    text = "second";
    WebFile changed = files.fetch(Wanted.of(address("/a%20file.txt")));

    assertThat(first)
        .isEqualTo(
            new WebFile("a file.txt", Digest.sha256("first".getBytes(StandardCharsets.UTF_8)), 5));
    assertThat(again).isEqualTo(first);
    assertThat(changed.digest())
        .isEqualTo(Digest.sha256("second".getBytes(StandardCharsets.UTF_8)));
    assertThat(content.contains(changed.digest())).isTrue();
    assertThat(answered).containsExactly("first", "unchanged", "second");
  }

  @Test
  void anAddressWithoutANameTakesTheOneThatIsGiven() throws Exception {
    assertThat(files.fetch(wanted("/?v=1", "tool")).name()).isEqualTo("tool");
    assertThat(files.fetch(wanted("/?v=1", "other")).name()).isEqualTo("other");
    assertThat(files.fetch(wanted("/a%20file.txt", "other")).name()).isEqualTo("a file.txt");
    assertThat(answered).containsExactly("first", "unchanged", "first");
  }

  private Wanted wanted(String path, String name) {
    return new Wanted(address(path), name, Optional.empty());
  }

  @Test
  void contentsHaveTheChecksumThatWasSaid() throws Exception {
    Digest first = Digest.sha256("first".getBytes(StandardCharsets.UTF_8));
    Wanted wanted = new Wanted(address("/a"), "", Optional.of(first));
    assertThat(files.fetch(wanted).digest()).isEqualTo(first);
    text = "second";
    assertThatThrownBy(() -> files.fetch(wanted))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(
            "has the checksum sha256:" + Digest.sha256("second".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("sha256:" + first + " was expected");
  }

  @Test
  void redirectsAreFollowedAndTheNameIsThatOfTheFirstAddress() throws Exception {
    assertThat(files.fetch(Wanted.of(address("/moved"))).name()).isEqualTo("moved");
    assertRefused("/round", "from one address to another without end");
  }

  @Test
  void whatCannotBeHadIsRefusedWithTheReason() {
    assertRefused("/none", "there is no http://127.0.0.1", "answered 404");
    assertRefused("/broken", "answered 500");
    assertRefused("/large", "has more than 1,000 bytes");
    assertRefused("/endless", "has more than 1,000 bytes");
    assertRefused("/", "does not end with the name of a file");
    assertThatThrownBy(() -> files.fetch(Wanted.of("http://127.0.0.1:1/a")))
        .hasMessageContaining("cannot be reached");
    assertThatThrownBy(() -> files.fetch(Wanted.of("http://u:p@127.0.0.1/a")))
        .hasMessageContaining("without a login");
    assertThatThrownBy(() -> files.fetch(Wanted.of("http://no such/a")))
        .hasMessageContaining("no address");
  }

  @Test
  void whoStopsSendingIsNotWaitedFor() {
    WebLimits impatient = new WebLimits(1_000, LONG, Duration.ofMillis(300), LONG);
    WebFiles files = new WebFiles(content, impatient, _ -> true, Outbound.direct());

    assertThatThrownBy(() -> files.fetch(Wanted.of(address("/hangs"))))
        .hasMessageContaining("sent nothing for 300 ms");
  }

  @Test
  void nothingIsFetchedFromTheServersOwnMachineOrLink() {
    WebFiles guarded = new WebFiles(content, LIMITS, Destinations.elsewhere(), Outbound.direct());

    for (String host : List.of("127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0.0.0.0")) {
      assertThatThrownBy(() -> guarded.fetch(Wanted.of("http://" + host + "/a")))
          .hasMessageContaining("nothing is fetched from");
    }
    assertThat(answered).isEmpty();
  }

  private void assertRefused(String path, String... reasons) {
    assertThatThrownBy(() -> files.fetch(Wanted.of(address(path))))
        .hasMessageContainingAll(reasons);
  }
}
