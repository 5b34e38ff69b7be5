package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.Digest;
import dev.slipway.model.SlipwayException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @TempDir static Path home;
  private static @Nullable DockerRegistry server;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    DockerRegistry started = DockerRegistry.open(home);
    server = started;
    started.push(IMAGE);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (server != null) {
      server.close();
    }
  }

  private static String host() {
    return Objects.requireNonNull(server).host();
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
        .hasMessage("registry " + host() + " has no team/app/manifests/2");
  }

  private static PulledImage pull(ContentStore content, String name) throws InterruptedException {
    try (Registry registry =
        new Registry(RegistrySettings.standard(), content, Outbound.direct())) {
      return registry.pull(
          RegistryReference.parse(host() + "/" + name),
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
}
