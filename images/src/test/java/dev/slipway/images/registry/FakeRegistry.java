package dev.slipway.images.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.model.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A registry that can misbehave.
final class FakeRegistry implements AutoCloseable {
  /// How it treats requests for blobs.
  enum Mood {
    HONEST,
    /// Sends other bytes than those asked for.
    LYING,
    /// Closes the connection in the middle.
    CUTTING,
    /// Stops sending in the middle, and keeps the connection.
    HANGING,
    /// Takes connections and never begins to answer.
    SILENT,
    /// The same for layers only.
    SILENT_ABOUT_LAYERS,
    /// Sends clients to another address for the bytes.
    REDIRECTING
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile Mood mood = Mood.HONEST;
  private volatile String demanded = "";
  private volatile String tokens = "";
  private volatile String elsewhere = "";

  FakeRegistry() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    tokens = host();
    elsewhere = "localhost:" + server.getAddress().getPort();
  }

  /// Hands its tokens out, and keeps its blobs, at other hosts.
  void relyOn(String tokenHost, String blobHost) {
    tokens = tokenHost;
    elsewhere = blobHost;
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  void publish(String tag, PublishedImage image) {
    manifests.put(tag, image.manifest());
    manifests.put("sha256:" + PublishedImage.digest(image.manifest()).hex(), image.manifest());
    blobs.putAll(image.blobs());
  }

  void publish(String tag, byte[] manifest) {
    manifests.put(tag, manifest);
  }

  /// Does not have a blob any more.
  void withhold(Digest blob) {
    blobs.remove(blob);
  }

  void become(Mood mood) {
    this.mood = mood;
  }

  /// Lets only those in who send this; `Bearer …` is handed out by its own token door.
  void demand(String authorization) {
    demanded = authorization;
  }

  /// Paths that were asked for, in order.
  List<String> requests() {
    return requests;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      String asked = exchange.getRequestMethod().equals("HEAD") ? "HEAD " + path : path;
      requests.add(asked + (given == null ? "" : " " + given.split(" ", 2)[0]));
      if (mood == Mood.SILENT) {
        awaitClose();
      } else if (path.equals("/token")) {
        send(
            exchange,
            200,
            ("{\"token\": \"" + demanded.substring(7) + "\"}").getBytes(StandardCharsets.UTF_8));
      } else if (path.startsWith("/elsewhere/")) {
        sendBlob(exchange, path.substring("/elsewhere/".length()));
      } else if (!demanded.isEmpty() && !demanded.equals(given)) {
        challenge(exchange);
      } else if (path.contains("/manifests/")) {
        byte[] manifest = manifests.get(path.substring(path.lastIndexOf('/') + 1));
        send(exchange, manifest == null ? 404 : 200, manifest == null ? new byte[0] : manifest);
      } else if (mood == Mood.REDIRECTING
          && blobs.containsKey(new Digest(path.substring(path.lastIndexOf(':') + 1)))) {
        exchange
            .getResponseHeaders()
            .set(
                "Location",
                "http://" + elsewhere + "/elsewhere/" + path.substring(path.lastIndexOf(':') + 1));
        send(exchange, 307, new byte[0]);
      } else {
        sendBlob(exchange, path.substring(path.lastIndexOf(':') + 1));
      }
    }
  }

  private void challenge(HttpExchange exchange) throws IOException {
    exchange
        .getResponseHeaders()
        .set(
            "WWW-Authenticate",
            demanded.startsWith("Bearer ")
                ? "Bearer realm=\"http://" + tokens + "/token\",service=\"it\",scope=\"pull\""
                : "Basic realm=\"it\"");
    send(exchange, 401, new byte[0]);
  }

  private void sendBlob(HttpExchange exchange, String hex) throws IOException {
    byte[] bytes = blobs.get(new Digest(hex));
    if (bytes == null) {
      send(exchange, 404, new byte[0]);
      return;
    }
    boolean layer = bytes[0] != '{';
    if (layer && mood == Mood.SILENT_ABOUT_LAYERS) {
      awaitClose();
    } else if (layer && mood == Mood.LYING) {
      byte[] other = bytes.clone();
      other[other.length / 2] ^= 1;
      send(exchange, 200, other);
    } else if (layer && (mood == Mood.CUTTING || mood == Mood.HANGING)) {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
      exchange.getResponseBody().flush();
      if (mood == Mood.HANGING) {
        awaitClose();
      }
    } else {
      send(exchange, 200, bytes);
    }
  }

  private void awaitClose() {
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.close();
  }
}
