package dev.slipway.worker.base;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.model.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/// A registry on loopback that serves images made for tests, and may hold back or refuse parts.
final class ImageServer implements AutoCloseable {
  private final Map<String, byte[]> served = new ConcurrentHashMap<>();
  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> reached = new ConcurrentHashMap<>();
  private final Map<String, String> logins = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  ImageServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /// A layer with one file: what an image announces, and what is sent for it.
  record ServedLayer(Digest contents, byte[] bytes) {
    Digest digest() {
      return Digest.sha256(bytes);
    }

    String path(String repository) {
      return "/v2/" + repository + "/blobs/sha256:" + digest().hex();
    }

    /// The same layer in other bytes.
    ServedLayer compressed() {
      return new ServedLayer(contents, gzip(bytes));
    }

    /// Announces what another one holds.
    ServedLayer claiming(ServedLayer other) {
      return new ServedLayer(other.contents, bytes);
    }
  }

  static ServedLayer layer(Path scratch, String file, String text) throws Exception {
    Path tree = Files.createTempDirectory(scratch, "tree");
    Files.writeString(tree.resolve(file), text);
    Path tar = tree.resolveSibling(tree.getFileName() + ".tar");
    Process packing =
        new ProcessBuilder(
                "tar",
                "-C",
                tree.toString(),
                "--owner=7",
                "--group=100000",
                "-cf",
                tar.toString(),
                file)
            .start();
    if (packing.waitFor() != 0) {
      throw new IllegalStateException("tar failed");
    }
    byte[] bytes = Files.readAllBytes(tar);
    return new ServedLayer(Digest.sha256(bytes), bytes);
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /// Serves an image of these layers as `REPOSITORY:1`.
  ///
  /// @return digest of its manifest
  String publish(String repository, ServedLayer... layers) {
    String contents =
        Arrays.stream(layers)
            .map(layer -> "\"sha256:" + layer.contents().hex() + "\"")
            .collect(Collectors.joining(","));
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin","A=b"],"Cmd":["sh"]},
         "rootfs":{"type":"layers","diff_ids":[%s]}}\
        """
            .formatted(contents)
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
         "config":%s,"layers":[%s]}\
        """
            .formatted(
                descriptor("application/vnd.oci.image.config.v1+json", config),
                Arrays.stream(layers)
                    .map(layer ->
                        descriptor("application/vnd.oci.image.layer.v1.tar", layer.bytes()))
                    .collect(Collectors.joining(",")))
            .getBytes(StandardCharsets.UTF_8);
    String blobs = "/v2/" + repository + "/blobs/sha256:";
    served.put("/v2/" + repository + "/manifests/1", manifest);
    served.put(blobs + Digest.sha256(config).hex(), config);
    for (ServedLayer layer : layers) {
      served.put(layer.path(repository), layer.bytes());
    }
    return "sha256:" + Digest.sha256(manifest).hex();
  }

  private static String descriptor(String mediaType, byte[] bytes) {
    return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
        .formatted(mediaType, Digest.sha256(bytes).hex(), bytes.length);
  }

  String reference(String repository) {
    return "127.0.0.1:" + server.getAddress().getPort() + "/" + repository + ":1";
  }

  /// Answers with a status instead of what it has there.
  void refuse(String path, int status) {
    refused.put(path, status);
  }

  /// Sends half of what it has there, and the rest, or its refusal, once the latch is open.
  CountDownLatch holdBack(String path) {
    CountDownLatch latch = new CountDownLatch(1);
    held.put(path, latch);
    return latch;
  }

  /// Opens once somebody who may read it has asked for what is there.
  CountDownLatch reached(String path) {
    return reached.computeIfAbsent(path, _ -> new CountDownLatch(1));
  }

  /// Lets only one user read a repository.
  void lock(String repository, String user, String password) {
    String pair = user + ":" + password;
    logins.put(
        "/v2/" + repository + "/",
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  /// Method and path of everything that was asked for.
  List<String> requests() {
    return requests;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(exchange.getRequestMethod() + " " + path);
      byte[] body = served.get(path);
      CountDownLatch latch = held.getOrDefault(path, new CountDownLatch(0));
      if (!mayRead(path, String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")))) {
        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"it\"");
        exchange.sendResponseHeaders(401, -1);
      } else if (body == null || refused.containsKey(path)) {
        reached(path).countDown();
        latch.await();
        exchange.sendResponseHeaders(refused.getOrDefault(path, 404), -1);
      } else if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
      } else {
        exchange.sendResponseHeaders(200, body.length);
        reached(path).countDown();
        exchange.getResponseBody().write(body, 0, body.length / 2);
        exchange.getResponseBody().flush();
        latch.await();
        exchange.getResponseBody().write(body, body.length / 2, body.length - body.length / 2);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean mayRead(String path, String authorization) {
    return logins.entrySet().stream()
        .filter(login -> path.startsWith(login.getKey()))
        .allMatch(login -> login.getValue().equals(authorization));
  }

  @Override
  public void close() {
    held.values().forEach(CountDownLatch::countDown);
    server.stop(0);
    threads.close();
  }
}
