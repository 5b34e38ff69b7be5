package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.content.FileContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.images.registry.Registry;
import dev.slipway.images.registry.RegistrySettings;
import dev.slipway.model.Digest;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.RecordingLog;
import dev.slipway.worker.layer.SharedMaking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class RegistryBasesTest {
  @TempDir Path directory;
  private final Map<String, byte[]> served = new HashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final RecordingLog log = new RecordingLog();
  private HttpServer server;
  private Registry registry;
  private FileContentStore downloads;
  private LayerStore layers;
  private RegistryBases bases;

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    layers = LayerStore.open(directory, Clock.systemUTC());
    downloads = new FileContentStore(directory.resolve("downloads"));
    registry = new Registry(RegistrySettings.standard(), downloads, Outbound.direct());
    bases = new RegistryBases(registry, downloads, new SharedMaking(layers), Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    registry.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    try (exchange) {
      byte[] body = served.get(exchange.getRequestURI().getPath());
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .add("Content-Type", "application/vnd.oci.image.manifest.v1+json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private String reference() {
    return "127.0.0.1:" + server.getAddress().getPort() + "/some/image:1";
  }

  private static String sha256(byte[] bytes) throws Exception {
    return Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes)).hex();
  }

  private void addImage() throws Exception {
    Path tree = directory.resolve("tree");
    Files.createDirectories(tree.resolve("etc"));
    Files.writeString(tree.resolve("etc/name"), "from a registry");
    Path tar = directory.resolve("layer.tar");
    Process packing =
        new ProcessBuilder(
                "tar",
                "-C",
                tree.toString(),
                "--owner=7",
                "--group=7",
                "-cf",
                tar.toString(),
                "etc")
            .start();
    assertThat(packing.waitFor()).isZero();
    byte[] layer = Files.readAllBytes(tar);
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin","A=b"],"Cmd":["sh"]},
         "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
        """
            .formatted(sha256(layer))
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%d}]}\
        """
            .formatted(sha256(config), config.length, sha256(layer), layer.length)
            .getBytes(StandardCharsets.UTF_8);
    served.put("/v2/some/image/manifests/1", manifest);
    served.put("/v2/some/image/blobs/sha256:" + sha256(config), config);
    served.put("/v2/some/image/blobs/sha256:" + sha256(layer), layer);
  }

  @Test
  void aBadAnswerForOneImageKeepsNobodyFromTheOthers() throws Exception {
    addImage();
    server.createContext(
        "/v2/other/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(500, -1);
          }
        });

    assertThat(bases.provide(reference().replace("some/", "other/"), log))
        .isInstanceOf(Answer.Passed.class);

    assertThat(bases.provide(reference(), log)).isInstanceOf(Answer.Provided.class);
  }

  @Test
  void anImageIsPulledAndUnpackedForContainers() throws Exception {
    addImage();

    BaseImage image = ((Answer.Provided) bases.provide(reference(), log)).image();

    assertThat(image.digest())
        .isEqualTo(
            "sha256:" + sha256(Objects.requireNonNull(served.get("/v2/some/image/manifests/1"))));
    assertThat(image.config().environment()).containsEntry("A", "b");
    LayerId layer = image.layers().getFirst();
    Path file = layers.require(layer).diff().resolve("etc/name");
    assertThat(file).hasContent("from a registry");
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(100_007);
    AtomicInteger left = new AtomicInteger();
    downloads.list(content -> left.incrementAndGet());
    assertThat(left).hasValue(0);
  }

  @Test
  void aRegistryThatHasNoSuchImageIsAskedAgain() throws Exception {
    Answer answer = bases.provide(reference(), log);
    assertThat(answer).isInstanceOf(Answer.Passed.class);
    assertThat(answer.sentence()).contains(reference());
    int before = asked.get();
    bases.provide(reference(), log);
    assertThat(asked.get()).isGreaterThan(before);
  }

  @Test
  void aRegistryThatDoesNotAnswerIsLeftAloneForAWhile() throws Exception {
    String reference = reference();
    server.stop(0);
    assertThat(bases.provide(reference, log).sentence()).contains("was not pulled");
    assertThat(bases.provide(reference, log).sentence()).contains("is not asked again yet");
  }
}
