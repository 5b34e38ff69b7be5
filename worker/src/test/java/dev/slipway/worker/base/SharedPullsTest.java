package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.base.ImageServer.ServedLayer;
import dev.slipway.worker.layer.RecordingLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Builds that pull the same layers at the same time.
@Tag("integration")
@Timeout(60)
class SharedPullsTest {
  @TempDir Path directory;
  @TempDir Path scratch;
  private Pulls pulls;
  private ImageServer server;
  private RegistryBases bases;
  private ServedLayer shared;
  private ServedLayer upper;

  @BeforeEach
  void serve() throws Exception {
    pulls = new Pulls(directory, scratch);
    server = pulls.server;
    shared = pulls.shared;
    upper = pulls.upper;
    bases = pulls.bases;
    server.publish("team/app", shared, upper);
    server.publish("team/other", shared, upper);
  }

  @AfterEach
  void stop() throws IOException {
    pulls.close();
  }

  @Test
  void pullsWithoutALoginShareTheDownloadsOfTheirLayers() throws Exception {
    CountDownLatch rest = server.holdBack(upper.path("team/app"));
    Pulls.Build first = beginWithTheSharedLayer();
    RecordingLog second = new RecordingLog();
    Pulls.Listener waiting = onceWaitingFor(upper, rest);
    Pulls.Build other =
        pulls.begin(
            bases,
            "team/other",
            Pulls.log(line -> {
              second.say(line);
              waiting.hear(line);
            }));

    assertThat(first.answer().get()).isInstanceOf(Answer.Provided.class);
    assertThat(other.answer().get()).isInstanceOf(Answer.Provided.class);
    for (ServedLayer layer : List.of(shared, upper)) {
      assertThat(pulls.downloadsOf("team/app", layer)).isEqualTo(1);
      assertThat(pulls.downloadsOf("team/other", layer)).isZero();
      assertThat(second.said()).contains("  " + downloaded(layer));
    }
  }

  @Test
  void whoWaitedForADownloadThatFailsDownloadsItself() throws Exception {
    CountDownLatch refused = server.holdBack(upper.path("team/app"));
    server.refuse(upper.path("team/app"), 404);
    Pulls.Build first = beginWithTheSharedLayer();
    Pulls.Build other = pulls.begin(bases, "team/other", Pulls.log(onceWaitingFor(upper, refused)));

    assertThat(first.answer().get()).isInstanceOf(Answer.Failed.class);
    assertThat(other.answer().get()).isInstanceOf(Answer.Provided.class);
    assertThat(pulls.downloadsOf("team/other", upper)).isEqualTo(1);
    assertThat(pulls.downloadsOf("team/other", shared)).isZero();
  }

  @Test
  void whoWaitedForADownloadThatIsInterruptedDownloadsItself() throws Exception {
    server.holdBack(upper.path("team/app"));
    Pulls.Build first = beginWithTheSharedLayer();
    Pulls.Build other = beginToWaitForTheUpperLayer();
    first.thread().interrupt();

    assertThatThrownBy(() -> first.answer().get()).hasCauseInstanceOf(InterruptedException.class);
    assertThat(other.answer().get()).isInstanceOf(Answer.Provided.class);
    assertThat(pulls.downloadsOf("team/other", upper)).isEqualTo(1);
  }

  @Test
  void whoIsInterruptedWhileWaitingForADownloadHarmsItNot() throws Exception {
    CountDownLatch rest = server.holdBack(upper.path("team/app"));
    Pulls.Build first = beginWithTheSharedLayer();
    Pulls.Build other = beginToWaitForTheUpperLayer();
    other.thread().interrupt();

    assertThatThrownBy(() -> other.answer().get()).hasCauseInstanceOf(InterruptedException.class);
    rest.countDown();
    assertThat(first.answer().get()).isInstanceOf(Answer.Provided.class);
    assertThat(pulls.downloadsOf("team/other", upper)).isZero();
  }

  @Test
  void aPullWithALoginSharesNothingThatIsUnderWay() throws Exception {
    server.publish("private/app", shared);
    server.lock("private/app", "ann", "open sesame");
    CountDownLatch rest = server.holdBack(shared.path("private/app"));
    CountDownLatch begun = server.reached(shared.path("private/app"));
    Pulls.Build ann =
        pulls.begin(
            bases.with(new Credentials("ann", "open sesame")), "private/app", new RecordingLog());
    begun.await();

    assertThat(bases.provide(server.reference("team/app"), new RecordingLog()))
        .isInstanceOf(Answer.Provided.class);

    assertThat(pulls.downloadsOf("team/app", shared)).isEqualTo(1);
    rest.countDown();
    assertThat(ann.answer().get()).isInstanceOf(Answer.Provided.class);
  }

  /// A build that has the shared layer, and goes on with the upper one.
  private Pulls.Build beginWithTheSharedLayer() throws InterruptedException {
    CountDownLatch has = new CountDownLatch(1);
    Pulls.Build build = pulls.begin(bases, "team/app", Pulls.log(onceDownloaded(shared, has)));
    has.await();
    server.reached(upper.path("team/app")).await();
    return build;
  }

  /// Another one, which waits for what the first one is downloading.
  private Pulls.Build beginToWaitForTheUpperLayer() throws InterruptedException {
    CountDownLatch waits = new CountDownLatch(1);
    Pulls.Build build = pulls.begin(bases, "team/other", Pulls.log(onceWaitingFor(upper, waits)));
    waits.await();
    return build;
  }

  private static String downloaded(ServedLayer layer) {
    return "downloaded %s…, %,d bytes"
        .formatted(layer.digest().hex().substring(0, 12), layer.bytes().length);
  }

  private static Pulls.Listener onceDownloaded(ServedLayer layer, CountDownLatch latch) {
    return line -> {
      if (line.contains(downloaded(layer))) {
        latch.countDown();
      }
    };
  }

  private static Pulls.Listener onceWaitingFor(ServedLayer layer, CountDownLatch latch) {
    String waiting = layer.digest().hex().substring(0, 12) + "… is being downloaded for another";
    return line -> {
      if (line.contains(waiting)) {
        latch.countDown();
      }
    };
  }
}
