package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.ContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.Digest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Debian's docker-registry on loopback, open to everybody or for one user only.
final class DockerRegistry implements AutoCloseable {
  static final String USER = "ann";
  static final String PASSWORD = "open sesame";

  /// The password as `htpasswd -B` writes it.
  private static final String ENTRY =
      USER + ":$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n";

  private static final String AUTHORIZATION =
      "Basic "
          + java.util.Base64.getEncoder()
              .encodeToString(
                  (USER + ":" + PASSWORD).getBytes(java.nio.charset.StandardCharsets.UTF_8));

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path home;
  private final String host;
  private final Process server;

  private DockerRegistry(Path home, String host, Process server) {
    this.home = home;
    this.host = host;
    this.server = server;
  }

  static DockerRegistry open(Path home) throws Exception {
    return start(home, "");
  }

  static DockerRegistry forOneUser(Path home) throws Exception {
    Path passwords = Files.writeString(home.resolve("passwords"), ENTRY);
    return start(
        home,
        """
        auth:
          htpasswd:
            realm: private
            path: %s
        """
            .formatted(passwords));
  }

  private static DockerRegistry start(Path home, String authentication) throws Exception {
    String host;
    try (ServerSocket free = new ServerSocket(0)) {
      host = "127.0.0.1:" + free.getLocalPort();
    }
    Path configuration =
        Files.writeString(
            home.resolve("config.yml"),
            """
            version: 0.1
            storage:
              filesystem:
                rootdirectory: %s
            http:
              addr: %s
            """
                    .formatted(home.resolve("data"), host)
                + authentication);
    Process server =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile())
            .start();
    DockerRegistry registry = new DockerRegistry(home, host, server);
    registry.awaitAnswer();
    return registry;
  }

  String host() {
    return host;
  }

  private void awaitAnswer() throws InterruptedException, IOException {
    HttpRequest hello = request(URI.create("http://" + host + "/v2/")).build();
    for (int i = 0; i < 200; i++) {
      try {
        if (client.send(hello, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        assertThat(server.isAlive()).as(this::readLog).isTrue();
      }
      Thread.sleep(50);
    }
    throw new AssertionError("docker-registry does not answer: " + readLog());
  }

  private String readLog() {
    try {
      return Files.readString(home.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Publishes an image in `team/app`.
  void push(String tag, PublishedImage image) throws Exception {
    for (Map.Entry<Digest, byte[]> blob : image.blobs().entrySet()) {
      push(blob.getKey(), blob.getValue());
    }
    push(tag, image.mediaType(), image.manifest());
  }

  /// Publishes a manifest, or a list of them, in `team/app`.
  void push(String tag, String mediaType, byte[] manifest) throws Exception {
    put(URI.create("http://" + host + "/v2/team/app/manifests/" + tag), mediaType, manifest);
  }

  /// Pulls from `team/app`, and fails when there is anything to note.
  PulledImage pull(
      RegistrySettings settings,
      ContentStore content,
      String version,
      Optional<RegistryLogin> login)
      throws InterruptedException, RegistryAwayException {
    try (Registry registry = new Registry(settings, content, Outbound.direct())) {
      return registry.pull(
          RegistryReference.parse(host + "/team/app" + version),
          login,
          UnpackedLayers.none(),
          new PullProgress() {
            @Override
            public void downloaded(Digest layer, long bytes, long total) {
              assertThat(bytes).isLessThanOrEqualTo(total);
            }

            @Override
            public void note(String sentence) {
              throw new AssertionError(sentence);
            }
          });
    }
  }

  private void push(Digest digest, byte[] blob) throws Exception {
    URI uploads = URI.create("http://" + host + "/v2/team/app/blobs/uploads/");
    HttpResponse<Void> begun =
        client.send(
            request(uploads).POST(HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.discarding());
    String location = begun.headers().firstValue("Location").orElseThrow();
    URI upload =
        uploads.resolve(
            location + (location.contains("?") ? "&" : "?") + "digest=sha256:" + digest.hex());
    put(upload, "application/octet-stream", blob);
  }

  private void put(URI address, String mediaType, byte[] body) throws Exception {
    HttpResponse<String> response =
        client.send(
            request(address)
                .header("Content-Type", mediaType)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
  }

  private static HttpRequest.Builder request(URI address) {
    return HttpRequest.newBuilder(address).header("Authorization", AUTHORIZATION);
  }

  @Override
  public void close() throws InterruptedException {
    client.close();
    server.destroy();
    server.waitFor();
  }
}
