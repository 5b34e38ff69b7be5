package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RegistryTest {
  private static final PublishedImage IMAGE =
      PublishedImage.of(
          "amd64",
          List.of(
              new Layers().file("one", "1".repeat(100_000)).tar(),
              new Layers().file("two", "2").tar()));

  /// Longer than anything takes here, also on a slow machine.
  private static final Duration LONG = Duration.ofSeconds(50);

  @TempDir Path directory;
  private final FakeRegistry server = new FakeRegistry();
  private final List<String> notes = new CopyOnWriteArrayList<>();
  private final List<Digest> complete = new CopyOnWriteArrayList<>();

  @BeforeEach
  void publish() {
    server.publish("1", IMAGE);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void pullsLayersAndConfig() throws Exception {
    PulledImage image = pull("team/app:1");

    assertThat(image.manifest()).isEqualTo(PublishedImage.digest(IMAGE.manifest()));
    assertThat(image.layers()).extracting(PulledImage.Layer::digest).isEqualTo(IMAGE.layers());
    assertThat(complete).containsExactlyInAnyOrderElementsOf(IMAGE.layers());
    assertThat(image.config().environment())
        .containsExactly(Map.entry("PATH", "/usr/bin"), Map.entry("A", "b=c"));
    assertThat(image.config().workingDirectory()).isEqualTo("/w");
    assertThat(image.config().entrypoint()).containsExactly("enter");
    assertThat(image.config().command()).containsExactly("run");
    assertThat(image.config().triggers()).containsExactly("RUN x");
    assertThat(image.config().shell()).containsExactly("/bin/bash", "-c");
    assertThat(image.config().user()).isEqualTo("me");
    for (PulledImage.Layer layer : image.layers()) {
      try (InputStream bytes = content().open(layer.digest())) {
        assertThat(bytes.readAllBytes()).isEqualTo(IMAGE.blobs().get(layer.digest()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {PublishedImage.OCI_INDEX, PublishedImage.DOCKER_LIST})
  void choosesThePlatform(String mediaType) throws Exception {
    server.publish("list", IMAGE.list(mediaType, PublishedImage.of("arm64", List.of())));

    assertThat(pull("team/app:list").manifest()).isEqualTo(PublishedImage.digest(IMAGE.manifest()));
  }

  @Test
  void doesNotDownloadWhatIsUnpackedHere() throws Exception {
    pull("team/app:1", settings(Map.of()), only(0, UnpackedLayers.Standing.FOR_ALL));

    // The manifest, the config and the second layer.
    assertThat(server.requests())
        .hasSize(3)
        .noneMatch(request -> request.contains(IMAGE.layers().getFirst().hex()));
    assertThat(notes).containsExactly("Layer 1 of 2 is on this machine already.");
    assertThat(complete).containsExactly(IMAGE.layers().getLast());
  }

  @Test
  void asksWhetherItMayReadWhatIsNotHereForEverybody() throws Exception {
    server.demand("Basic bWU6c2VjcmV0");
    server.become(FakeRegistry.Mood.REDIRECTING);
    UnpackedLayers here = only(0, UnpackedLayers.Standing.FOR_READERS);

    pull("team/app:1", credentials("secret"), here);

    assertThat(server.requests())
        .contains("HEAD /v2/team/app/blobs/sha256:" + IMAGE.layers().getFirst().hex() + " Basic")
        .noneMatch(request -> request.equals("/elsewhere/" + IMAGE.layers().getFirst().hex()));
    assertThat(notes).containsExactly("Layer 1 of 2 is on this machine already.");

    server.withhold(IMAGE.layers().getFirst());
    assertThatThrownBy(() -> pull("team/app:1", credentials("secret"), here))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
  }

  /// Knows one of the layers.
  private static UnpackedLayers only(int index, UnpackedLayers.Standing standing) {
    return layer ->
        layer.digest().equals(IMAGE.layers().get(index))
            ? standing
            : UnpackedLayers.Standing.MISSING;
  }

  @Test
  void holdsAReferenceToItsDigest() throws Exception {
    String digest = PublishedImage.digest(IMAGE.manifest()).hex();
    assertThat(pull("team/app@sha256:" + digest).layers()).hasSize(2);
    server.publish("sha256:" + "1".repeat(64), IMAGE.manifest());

    assertFails("team/app@sha256:" + "1".repeat(64), ErrorKind.DATA_LOSS, "announced");
  }

  @Test
  void fetchesATokenWhereOneIsDemanded() throws Exception {
    server.demand("Bearer abc");

    assertThat(pull("team/app:1").layers()).hasSize(2);
    assertThat(server.requests())
        .startsWith("/v2/team/app/manifests/1", "/token", "/v2/team/app/manifests/1 Bearer");
  }

  @Test
  void sendsConfiguredCredentialsAndSaysWhenTheyAreMissing() throws Exception {
    server.demand("Basic bWU6c2VjcmV0");

    assertThat(pull("team/app:1", credentials("secret")).layers()).hasSize(2);
    assertFails("team/app:1", ErrorKind.DENIED, "without credentials");
    assertThatThrownBy(() -> pull("team/app:1", credentials("wrong")))
        .hasMessageContaining("with the login of me")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void followsRedirectsWithoutTakingCredentialsAlong() throws Exception {
    server.demand("Basic bWU6c2VjcmV0");
    server.become(FakeRegistry.Mood.REDIRECTING);

    pull("team/app:1", credentials("secret"));

    assertThat(server.requests())
        .filteredOn(request -> request.startsWith("/elsewhere/"))
        .hasSize(3)
        .noneMatch(request -> request.contains("Basic"));
  }

  @Test
  void refusesBytesOfAnotherDigest() {
    server.become(FakeRegistry.Mood.LYING);

    assertFails("team/app:1", ErrorKind.DATA_LOSS, "another digest");
    assertThat(content().contains(IMAGE.layers().getFirst())).isFalse();
  }

  @Test
  void triesAgainWhenTheConnectionBreaksAndThenSaysSo() {
    server.become(FakeRegistry.Mood.CUTTING);

    assertFails("team/app:1", ErrorKind.UNAVAILABLE, "broke off layer");
    assertThat(notes).anyMatch(note -> note.endsWith("trying again."));
  }

  @Test
  void doesNotWaitForARegistryThatHangs() {
    server.become(FakeRegistry.Mood.HANGING);

    assertThatThrownBy(() ->
            pull(
                "team/app:1",
                settings(Map.of(), LONG, Duration.ofMillis(300)),
                UnpackedLayers.none()))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("sent nothing for 300 ms");
  }

  @Test
  void saysWhatIsNotThere() {
    assertFails("team/app:none", ErrorKind.NOT_FOUND, "has no team/app/manifests/none");
    server.publish("arm", PublishedImage.of("arm64", List.of()));
    assertFails("team/app:arm", ErrorKind.UNSUPPORTED, "linux/arm64");
    server.publish(
        "old", "{\"schemaVersion\": 1}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertFails("team/app:old", ErrorKind.UNSUPPORTED, "schema version 1");
    server.publish("bad", new byte[] {'x'});
    assertFails("team/app:bad", ErrorKind.DATA_LOSS, "no JSON");
  }

  @Test
  void saysWhenARegistryCannotBeReached() {
    server.close();

    assertThatThrownBy(() -> pull("team/app:1"))
        .isInstanceOf(RegistryAwayException.class)
        .hasMessage("registry " + server.host() + " cannot be reached");
  }

  @Test
  void saysWhenARegistryDoesNotBeginToAnswer() {
    server.become(FakeRegistry.Mood.SILENT);

    assertThatThrownBy(() ->
            pull(
                "team/app:1",
                settings(Map.of(), Duration.ofSeconds(1), LONG),
                UnpackedLayers.none()))
        .isInstanceOf(RegistryAwayException.class)
        .hasMessage("registry " + server.host() + " did not answer within 1 s");
  }

  @Test
  void aRegistryThatHasAnsweredIsThereThoughALayerNeverBegins() {
    server.become(FakeRegistry.Mood.SILENT_ABOUT_LAYERS);

    // All else is answered within that time, also on a slow machine.
    assertThatThrownBy(() ->
            pull(
                "team/app:1",
                settings(Map.of(), Duration.ofSeconds(4), LONG),
                UnpackedLayers.none()))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("does not serve us: it did not answer within 4 s");
  }

  @Test
  void aRegistryIsNotAwayBecauseTheHostsItReliesOnAre() {
    String nobody = "127.0.0.1:1";
    server.relyOn(nobody, nobody);
    server.become(FakeRegistry.Mood.REDIRECTING);
    assertFails("team/app:1", ErrorKind.UNAVAILABLE, "sends us to " + nobody + ", which cannot");

    server.demand("Bearer abc");
    assertFails("team/app:1", ErrorKind.UNAVAILABLE, "sends us to " + nobody + ", which cannot");

    server.relyOn("not a host", nobody);
    assertFails("team/app:1", ErrorKind.UNAVAILABLE, "which is no address of the web");
  }

  @Test
  void asksMirrorsFirstAndPassesOverThoseThatFail() throws Exception {
    RegistrySettings settings =
        new RegistrySettings(
            Map.of(
                "registry.invalid",
                List.of(URI.create("http://127.0.0.1:1"), URI.create("http://" + server.host()))),
            Set.of(),
            Map.of(),
            Set.of(),
            LONG,
            LONG);

    try (Registry registry = new Registry(settings, content(), Outbound.direct())) {
      PulledImage image =
          registry.pull(
              RegistryReference.parse("registry.invalid/team/app:1"),
              Optional.empty(),
              UnpackedLayers.none(),
              progress());
      assertThat(image.layers()).hasSize(2);
    }
    assertThat(notes).singleElement().asString().contains("127.0.0.1:1");
  }

  @Test
  void pullsNothingFromBlockedRegistries() {
    RegistrySettings settings =
        new RegistrySettings(Map.of(), Set.of(server.host()), Map.of(), Set.of(), LONG, LONG);

    assertThatThrownBy(() -> pull("team/app:1", settings)).hasMessageContaining("is blocked");
    assertThat(server.requests()).isEmpty();
  }

  private void assertFails(String name, ErrorKind kind, String words) {
    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(words);
  }

  private PulledImage pull(String name) throws Exception {
    return pull(name, settings(Map.of()));
  }

  private PulledImage pull(String name, RegistrySettings settings) throws Exception {
    return pull(name, settings, UnpackedLayers.none());
  }

  private PulledImage pull(String name, RegistrySettings settings, UnpackedLayers unpacked)
      throws Exception {
    try (Registry registry = new Registry(settings, content(), Outbound.direct())) {
      return registry.pull(
          RegistryReference.parse(server.host() + "/" + name),
          Optional.empty(),
          unpacked,
          progress());
    }
  }

  private RegistrySettings credentials(String password) {
    return settings(Map.of(server.host(), new RegistrySettings.Credentials("me", password)));
  }

  private static RegistrySettings settings(Map<String, RegistrySettings.Credentials> credentials) {
    return settings(credentials, LONG, LONG);
  }

  private static RegistrySettings settings(
      Map<String, RegistrySettings.Credentials> credentials,
      Duration answerTimeout,
      Duration stallTimeout) {
    return new RegistrySettings(
        Map.of(), Set.of(), credentials, Set.of(), answerTimeout, stallTimeout);
  }

  private ContentStore content() {
    return new FileContentStore(directory);
  }

  private PullProgress progress() {
    return new PullProgress() {
      @Override
      public void downloaded(Digest layer, long bytes, long total) {
        if (bytes == total) {
          complete.add(layer);
        }
      }

      @Override
      public void note(String sentence) {
        notes.add(sentence);
      }
    };
  }
}
