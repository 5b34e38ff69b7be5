package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.model.Digest;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pulls from Debian's docker-registry on loopback.
@Tag("integration")
@Timeout(60)
class DockerRegistryTest {
  private static final PublishedImage IMAGE =
      PublishedImage.of(
          "amd64",
          List.of(
              new Layers().file("etc/one", "1").file("etc/two", "2").tar(),
              new Layers().file("etc/.wh.two", "").tar()));

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path home;
  private static @Nullable Process server;
  private static String host = "";

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
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
                .formatted(home.resolve("data"), host));
    server =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile())
            .start();
    awaitAnswer();
    for (Map.Entry<Digest, byte[]> blob : IMAGE.blobs().entrySet()) {
      push(blob.getKey(), blob.getValue());
    }
    push("1", PublishedImage.OCI, IMAGE.manifest());
  }

  @AfterAll
  static void stop() throws InterruptedException {
    CLIENT.close();
    if (server != null) {
      server.destroy();
      server.waitFor();
    }
  }

  @Test
  void pullsWhatWasPushedAndUnpacksIt() throws Exception {
    ContentStore content = new FileContentStore(directory.resolve("content"));
    PulledImage image = pull(content, "team/app:1");

    assertThat(image.config().command()).containsExactly("run");
    assertThat(image.layers()).extracting(PulledImage.Layer::digest).isEqualTo(IMAGE.layers());
    for (PulledImage.Layer layer : image.layers()) {
      Path target = Files.createDirectory(directory.resolve(layer.digest().hex()));
      try (InputStream bytes = content.open(layer.digest())) {
        assertThat(new LayerUnpacker(100_000, 1 << 20).unpack(bytes, target).contents())
            .isEqualTo(layer.contents());
      }
    }
    Path first = directory.resolve(image.layers().getFirst().digest().hex());
    assertThat(first.resolve("etc/one")).hasContent("1");
    assertThat(pull(content, "team/app@sha256:" + image.manifest().hex())).isEqualTo(image);
  }

  @Test
  void saysWhatTheRegistryDoesNotHave() {
    ContentStore content = new FileContentStore(directory);

    assertThatThrownBy(() -> pull(content, "team/app:2"))
        .isInstanceOf(SlipwayException.class)
        .hasMessage("registry " + host + " has no team/app/manifests/2");
  }

  private static PulledImage pull(ContentStore content, String name) throws InterruptedException {
    try (Registry registry = new Registry(RegistrySettings.standard(), content)) {
      return registry.pull(
          RegistryReference.parse(host + "/" + name),
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

  private static void awaitAnswer() throws InterruptedException, IOException {
    HttpRequest hello = HttpRequest.newBuilder(URI.create("http://" + host + "/v2/")).build();
    for (int i = 0; i < 200; i++) {
      try {
        if (CLIENT.send(hello, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        assertThat(Objects.requireNonNull(server).isAlive()).as(() -> readLog()).isTrue();
      }
      Thread.sleep(50);
    }
    throw new AssertionError("docker-registry does not answer: " + readLog());
  }

  private static String readLog() {
    try {
      return Files.readString(home.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void push(Digest digest, byte[] blob) throws Exception {
    URI uploads = URI.create("http://" + host + "/v2/team/app/blobs/uploads/");
    HttpResponse<Void> begun =
        CLIENT.send(
            HttpRequest.newBuilder(uploads).POST(HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.discarding());
    String location = begun.headers().firstValue("Location").orElseThrow();
    URI upload =
        uploads.resolve(
            location + (location.contains("?") ? "&" : "?") + "digest=sha256:" + digest.hex());
    put(upload, "application/octet-stream", blob);
  }

  private static void push(String tag, String mediaType, byte[] manifest) throws Exception {
    put(URI.create("http://" + host + "/v2/team/app/manifests/" + tag), mediaType, manifest);
  }

  private static void put(URI address, String mediaType, byte[] body) throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(address)
                .header("Content-Type", mediaType)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
  }
}
