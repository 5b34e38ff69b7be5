package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.FileContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pulls from a docker-registry that lets nobody in without a name and a password.
@Tag("integration")
@Timeout(60)
class PrivateRegistryTest {
  private static final PublishedImage IMAGE =
      PublishedImage.of("amd64", List.of(new Layers().file("etc/one", "1").tar()));
  private static final Credentials RIGHT =
      new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD);

  @TempDir static Path home;
  private static @Nullable DockerRegistry server;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    DockerRegistry started = DockerRegistry.forOneUser(home);
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
  void aLoginOpensIt() throws Exception {
    assertThat(pull(RegistrySettings.standard(), Optional.of(RIGHT)).layers())
        .extracting(PulledImage.Layer::digest)
        .isEqualTo(IMAGE.layers());
  }

  @Test
  void withoutALoginOrWithAWrongOneItStaysClosed() {
    assertThatThrownBy(() -> pull(RegistrySettings.standard(), Optional.empty()))
        .hasMessage("registry " + host() + " does not let us read team/app without credentials")
        .extracting(e -> ((SlipwayException) e).kind())
        .isEqualTo(ErrorKind.DENIED);
    assertThatThrownBy(() ->
            pull(RegistrySettings.standard(), Optional.of(new Credentials("ann", "close sesame"))))
        .hasMessage("registry " + host() + " does not let us read team/app with the login of ann");
  }

  @Test
  void aLoginGoesToTheRegistryItselfAndToNoMirror() throws Exception {
    RegistrySettings mirrored =
        new RegistrySettings(
            Map.of(host(), List.of(URI.create("http://127.0.0.1:1"))),
            Set.of(),
            Map.of(host(), new Credentials("operator", "wrong")),
            Set.of(),
            RegistrySettings.standard().answerTimeout(),
            RegistrySettings.standard().stallTimeout());

    // Its progress fails on the note that a mirror was passed over.
    assertThat(pull(mirrored, Optional.of(RIGHT)).layers()).hasSize(1);
  }

  private PulledImage pull(RegistrySettings settings, Optional<Credentials> login)
      throws InterruptedException {
    try (Registry registry =
        new Registry(
            settings, new FileContentStore(directory.resolve("content")), Outbound.direct())) {
      return registry.pull(
          RegistryReference.parse(host() + "/team/app:1"),
          login,
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
