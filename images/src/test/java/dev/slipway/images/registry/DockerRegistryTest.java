package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.images.registry.PublishedImage.Format;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.testkit.DockerRegistry;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pulls from Debian's docker-registry on loopback: from one that is open to everybody, and from
/// one that lets nobody in without a name and a password.
@Tag("integration")
@Timeout(60)
class DockerRegistryTest {
  private static final List<byte[]> TARS =
      List.of(
          new Layers()
              .file("etc/one", "1", Layers.attributes(Map.of("user.kept", "v")))
              .hardLink("etc/again", "etc/one")
              .file("etc/two", "2")
              .file("var/hidden/below", "x")
              .node("dev/sda", TarConstants.LF_BLK)
              .symbolicLink("lib", "/../usr/lib")
              .file("lib/x.so", "library")
              .tar(),
          new Layers()
              .file("etc/.wh.two", "")
              .file("var/hidden/.wh..wh..opq", "")
              .file("var/hidden/above", "y")
              .tar());
  private static final PublishedImage IMAGE = PublishedImage.of("amd64", TARS);
  private static final Credentials RIGHT =
      new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD);

  @TempDir static Path home;
  private static @Nullable Repository open;
  private static @Nullable Repository closed;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    open = Repository.of(DockerRegistry.open(Files.createDirectory(home.resolve("open"))));
    open().push("1", IMAGE);
    closed =
        Repository.of(DockerRegistry.forOneUser(Files.createDirectory(home.resolve("closed"))));
    closed().push("1", IMAGE);
  }

  @AfterAll
  static void stop() {
    for (Repository server : List.of(open(), closed())) {
      server.close();
    }
  }

  private static Repository open() {
    return Objects.requireNonNull(open);
  }

  private static Repository closed() {
    return Objects.requireNonNull(closed);
  }

  @ParameterizedTest
  @EnumSource
  void everyFormatBecomesTheSameFiles(Format format) throws Exception {
    PublishedImage image = PublishedImage.of(format, "amd64", TARS);
    String tag = format.name().toLowerCase(Locale.ROOT);
    open().push(tag, image);
    ContentStore content = content();

    PulledImage pulled = pull(content, ":" + tag);

    assertThat(pulled.layers()).extracting(PulledImage.Layer::digest).isEqualTo(image.layers());
    assertThat(pulled.config().command()).containsExactly("run");
    List<Path> layers = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (PulledImage.Layer layer : pulled.layers()) {
      Path target = Files.createDirectory(directory.resolve("layer-" + layers.size()));
      try (InputStream bytes = content.open(layer.digest())) {
        LayerUnpacker.Unpacked unpacked =
            new LayerUnpacker(Layers.OWNERS, 1 << 20).unpack(bytes, target);
        assertThat(unpacked.contents()).isEqualTo(layer.contents());
        notes.addAll(unpacked.notes());
      }
      layers.addFirst(target);
    }
    assertThat(notes).singleElement().asString().contains("dev/sda");
    try (OverlayMount mount = OverlayMount.of(layers, directory.resolve("merged"))) {
      Path etc = mount.root().resolve("etc");
      assertThat(etc.resolve("one")).hasContent("1");
      assertThat(Files.isSameFile(etc.resolve("one"), etc.resolve("again"))).isTrue();
      assertThat(Files.getAttribute(etc.resolve("one"), "unix:uid")).isEqualTo(100_000);
      assertThat(Files.getAttribute(etc.resolve("one"), "user:kept")).isEqualTo(new byte[] {'v'});
      assertThat(etc.resolve("two")).doesNotExist();
      assertThat(mount.root().resolve("usr/lib/x.so")).hasContent("library");
      assertThat(mount.root().resolve("var/hidden").toFile().list()).containsExactly("above");
      assertThat(mount.root().resolve("dev")).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {PublishedImage.OCI_INDEX, PublishedImage.DOCKER_LIST})
  void anIndexLeadsToThisPlatform(String mediaType) throws Exception {
    Format format = mediaType.equals(PublishedImage.OCI_INDEX) ? Format.OCI : Format.DOCKER;
    PublishedImage here = PublishedImage.of(format, "amd64", TARS);
    PublishedImage other = PublishedImage.of(format, "arm64", TARS.subList(0, 1));
    open().push("here", here);
    open().push("other", other);
    open().push("both", mediaType, here.list(mediaType, other));

    assertThat(pull(content(), ":both").manifest())
        .isEqualTo(PublishedImage.digest(here.manifest()));
    assertThatThrownBy(() -> pull(content(), ":other"))
        .hasMessageContaining("made for linux/arm64");
  }

  @Test
  void aDigestLeadsToTheSameImage() throws Exception {
    PulledImage image = pull(content(), ":1");

    assertThat(pull(content(), "@sha256:" + image.manifest().hex())).isEqualTo(image);
  }

  @Test
  void saysWhatTheRegistryDoesNotHave() {
    assertThatThrownBy(() -> pull(content(), ":none"))
        .isInstanceOf(SlipwayException.class)
        .hasMessage("registry " + open().host() + " has no team/app/manifests/none");
  }

  @Test
  void aLoginOpensAPrivateRegistry() throws Exception {
    assertThat(pullPrivate(RegistrySettings.standard(), Optional.of(RIGHT)).layers())
        .extracting(PulledImage.Layer::digest)
        .isEqualTo(IMAGE.layers());
  }

  @Test
  void withoutALoginOrWithAWrongOneAPrivateRegistryStaysClosed() {
    assertThatThrownBy(() -> pullPrivate(RegistrySettings.standard(), Optional.empty()))
        .hasMessage(
            "registry " + closed().host() + " does not let us read team/app without credentials")
        .extracting(e -> ((SlipwayException) e).kind())
        .isEqualTo(ErrorKind.DENIED);
    Credentials wrong = new Credentials("ann", "close sesame");
    assertThatThrownBy(() -> pullPrivate(RegistrySettings.standard(), Optional.of(wrong)))
        .hasMessage(
            "registry " + closed().host() + " does not let us read team/app with the login of ann");
  }

  @Test
  void aLoginGoesToTheRegistryItselfAndToNoMirror() throws Exception {
    RegistrySettings mirrored =
        new RegistrySettings(
            Map.of(closed().host(), List.of(URI.create("http://127.0.0.1:1"))),
            Set.of(),
            Map.of(closed().host(), new Credentials("operator", "wrong")),
            Set.of(),
            RegistrySettings.standard().answerTimeout(),
            RegistrySettings.standard().stallTimeout());

    // The pull fails on the note that a mirror was passed over.
    assertThat(pullPrivate(mirrored, Optional.of(RIGHT)).layers()).hasSize(2);
  }

  private ContentStore content() {
    return new FileContentStore(directory.resolve("content"));
  }

  private static PulledImage pull(ContentStore content, String version) throws Exception {
    return open().pull(RegistrySettings.standard(), content, version, Optional.empty());
  }

  private PulledImage pullPrivate(RegistrySettings settings, Optional<RegistryLogin> login)
      throws Exception {
    return closed().pull(settings, content(), ":1", login);
  }
}
