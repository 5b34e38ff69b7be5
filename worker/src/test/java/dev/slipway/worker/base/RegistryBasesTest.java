package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.Upload;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.base.ImageServer.ServedLayer;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.RecordingLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
@Timeout(60)
class RegistryBasesTest {
  @TempDir Path directory;
  @TempDir Path scratch;
  private final RecordingLog log = new RecordingLog();
  private ImageServer server;
  private Pulls pulls;
  private LayerStore layers;
  private RegistryBases bases;
  private ServedLayer shared;
  private ServedLayer upper;

  @BeforeEach
  void serve() throws Exception {
    pulls = new Pulls(directory, scratch);
    server = pulls.server;
    shared = pulls.shared;
    upper = pulls.upper;
    layers = pulls.layers;
    bases = pulls.bases;
  }

  @AfterEach
  void stop() throws IOException {
    pulls.close();
  }

  private BaseImage provided(BaseProvider provider, String repository) throws Exception {
    Answer answer = provider.provide(server.reference(repository), log);
    assertThat(answer).as(answer.sentence()).isInstanceOf(Answer.Provided.class);
    return ((Answer.Provided) answer).image();
  }

  private String failed(BaseProvider provider, String repository) throws Exception {
    Answer answer = provider.provide(server.reference(repository), log);
    assertThat(answer).as(answer.sentence()).isInstanceOf(Answer.Failed.class);
    return ((Answer.Failed) answer).reason();
  }

  @Test
  void anImageIsPulledAndUnpackedForContainers() throws Exception {
    String digest = server.publish("team/app", shared, upper);

    BaseImage image = provided(bases, "team/app");

    assertThat(image.digest()).isEqualTo(digest);
    assertThat(image.config().environment()).containsEntry("A", "b");
    Path file = layers.require(image.layers().getFirst()).diff().resolve("name");
    assertThat(file).hasContent("from a registry");
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(100_007);
    // Beyond the first 65536, and negative since Java has no unsigned integers.
    assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(Integer.MIN_VALUE + 100_000);
    assertThat(layers.require(image.layers().getLast()).diff().resolve("other"))
        .hasContent("above");
  }

  @Test
  void aLayerThatIsHereIsNotDownloadedForAnotherImage() throws Exception {
    server.publish("team/app", shared);
    server.publish("team/other", shared, upper);
    provided(bases, "team/app");

    BaseImage other = provided(bases, "team/other");

    assertThat(pulls.downloadsOf("team/other", shared)).isZero();
    assertThat(pulls.downloadsOf("team/other", upper)).isEqualTo(1);
    assertThat(log.said()).contains("  Layer 1 of 2 is on this machine already.");
    assertThat(other.layers()).hasSize(2).allMatch(id -> layers.find(id).isPresent());
  }

  @Test
  void aLayerThatIsHereStaysWhileThePullThatNeedsItGoesOn() throws Exception {
    server.publish("team/app", shared);
    server.publish("team/other", shared, upper);
    LayerId id = provided(bases, "team/app").layers().getFirst();
    CountDownLatch rest = server.holdBack(upper.path("team/other"));
    List<Boolean> removed = new ArrayList<>();
    BuildLog meanwhile =
        Pulls.log(line -> {
          if (line.contains("Layer 1 of 2")) {
            removed.add(layers.removeUnlessUsed(id, Instant.now().plusSeconds(1_000)));
            rest.countDown();
          }
        });

    Answer answer = bases.provide(server.reference("team/other"), meanwhile);

    assertThat(answer).as(answer.sentence()).isInstanceOf(Answer.Provided.class);
    assertThat(removed).containsExactly(false);
    assertThat(layers.removeUnlessUsed(id, Instant.now().plusSeconds(1_000))).isTrue();
  }

  @Test
  void aManifestThatClaimsALayerDoesNotGetIt() throws Exception {
    server.publish("team/app", shared);
    provided(bases, "team/app");
    server.publish("thief/app", upper.claiming(shared));

    assertThatThrownBy(() -> bases.provide(server.reference("thief/app"), log))
        .hasMessageContaining("layer 1 of '" + server.reference("thief/app") + "'")
        .hasMessageContaining("and " + shared.contents() + " was announced");
  }

  @Test
  void otherBytesOfALayerAreReadOnceToKnowIt() throws Exception {
    server.publish("team/app", shared);
    BaseImage image = provided(bases, "team/app");
    ServedLayer compressed = shared.compressed();
    server.publish("team/packed", compressed);

    assertThat(provided(bases, "team/packed").layers()).isEqualTo(image.layers());
    assertThat(pulls.downloadsOf("team/packed", compressed)).isEqualTo(1);
    assertThat(provided(bases, "team/packed").layers()).isEqualTo(image.layers());
    assertThat(pulls.downloadsOf("team/packed", compressed)).isEqualTo(1);
    provided(bases, "team/app");
    assertThat(pulls.downloadsOf("team/app", shared)).isEqualTo(1);
  }

  @Test
  void whatALoginBroughtIsForThoseWhomTheRegistryLetsReadIt() throws Exception {
    server.publish("private/app", shared);
    server.lock("private/app", "ann", "open sesame");
    BaseProvider ann = bases.with(new Credentials("ann", "open sesame"));
    provided(ann, "private/app");
    provided(ann, "private/app");
    assertThat(pulls.downloadsOf("private/app", shared)).isEqualTo(1);
    assertThat(server.requests()).contains("HEAD " + shared.path("private/app"));

    // Another image names the layer, and its registry does not give it to whoever wants that.
    server.publish("thief/app", shared);
    server.refuse(shared.path("thief/app"), 404);
    assertThat(failed(bases, "thief/app")).contains("has no thief/app");
    try (ImageServer elsewhere = new ImageServer()) {
      elsewhere.publish("thief/app", shared);
      String claim = elsewhere.reference("thief/app");
      elsewhere.refuse(shared.path("thief/app"), 404);
      assertThat(bases.provide(claim, log)).isInstanceOf(Answer.Failed.class);
      assertThat(elsewhere.requests()).contains("GET " + shared.path("thief/app"));
    }
  }

  @Test
  void aPullSaysWhatItHasBeforeItEnds() throws Exception {
    server.publish("team/app", shared, upper);
    CountDownLatch rest = server.holdBack(upper.path("team/app"));
    BuildLog meanwhile =
        Pulls.log(line -> {
          if (line.contains("downloaded " + shared.digest().hex().substring(0, 12))) {
            rest.countDown();
          }
        });

    Answer answer = bases.provide(server.reference("team/app"), meanwhile);

    assertThat(answer).as(answer.sentence()).isInstanceOf(Answer.Provided.class);
  }

  @Test
  void aPullThatFailsLeavesNothing() throws Exception {
    server.publish("team/app", shared, upper);
    server.refuse(upper.path("team/app"), 404);

    assertThat(failed(bases, "team/app")).contains("has no team/app");

    assertThat(layers.list()).isEmpty();
    pulls.assertNothingIsDownloaded();
  }

  @Test
  void aPullThatIsInterruptedHasEndedWhenTheBuildHas() throws Exception {
    server.publish("team/app", shared, upper);
    server.holdBack(upper.path("team/app"));
    CountDownLatch under = new CountDownLatch(1);
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread build =
        Thread.ofVirtual()
            .start(() -> {
              try {
                bases.provide(server.reference("team/app"), Pulls.log(_ -> under.countDown()));
              } catch (Throwable e) {
                try {
                  pulls.assertNothingIsDownloaded();
                  end.complete(e);
                } catch (Throwable left) {
                  end.complete(left);
                }
              }
            });
    under.await();
    build.interrupt();

    assertThat(end.get()).isInstanceOf(InterruptedException.class);
    assertThat(layers.list()).extracting(Layer::id).isEmpty();
  }

  @Test
  void aPullKeepsWhatAnotherOneStillNeeds() throws Exception {
    server.publish("team/app", shared, upper);
    ServedLayer odd = ImageServer.layer(scratch, "odd", "something else");
    server.publish("team/broken", shared, odd.claiming(shared));
    CountDownLatch rest = server.holdBack(upper.path("team/app"));
    CountDownLatch has = new CountDownLatch(1);
    Pulls.Build slow = pulls.begin(bases, "team/app", Pulls.log(_ -> has.countDown()));
    has.await();

    assertThatThrownBy(() -> bases.provide(server.reference("team/broken"), log))
        .hasMessageContaining("was announced");
    assertThat(
            layers.removeUnlessUsed(
                new LayerId("sha256-" + shared.contents().hex()), Instant.now().plusSeconds(1_000)))
        .isTrue();
    rest.countDown();

    assertThat(slow.answer().get()).isInstanceOf(Answer.Provided.class);
  }

  @Test
  void whatAnEarlierWorkerDownloadedIsRemovedAtTheStart() throws Exception {
    Path killed = directory.resolve("killed");
    Downloads before = Downloads.open(killed);
    try (Upload upload = before.content().begin()) {
      upload.append(new byte[] {1, 2, 3});
      upload.commit();
    }
    Upload partial = before.content().begin();
    partial.append(new byte[] {4});

    Downloads.open(killed);

    try (Stream<Path> left = Files.walk(killed)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    partial.abort();
  }

  @Test
  void aBadAnswerForOneImageKeepsNobodyFromTheOthers() throws Exception {
    server.publish("team/app", shared);
    server.publish("team/other", upper);
    server.refuse("/v2/team/other/manifests/1", 500);

    assertThat(failed(bases, "team/other")).contains("status 500");

    provided(bases, "team/app");
  }

  @Test
  void aRegistryThatHasNoSuchImageIsAskedAgain() throws Exception {
    assertThat(failed(bases, "team/none")).contains("has no team/none");
    server.publish("team/none", shared);
    provided(bases, "team/none");
  }

  @Test
  void aRegistryThatIsAwayIsLeftAloneForAWhileButForThoseWhoWantToKnow() throws Exception {
    server.close();
    assertThat(failed(bases, "team/app")).contains("cannot be reached");
    assertThat(failed(bases, "team/app")).contains("is not asked again yet");
    assertThat(failed(bases.now(), "team/app")).contains("cannot be reached");
  }
}
