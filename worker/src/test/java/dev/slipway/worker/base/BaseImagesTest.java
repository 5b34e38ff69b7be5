package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.RecordingLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class BaseImagesTest {
  private static final Instant START = Instant.parse("2026-11-25T08:00:00Z");

  @TempDir Path directory;
  private LayerStore layers;
  private BaseImage image;
  private final RecordingLog log = new RecordingLog();
  private int asked;
  private boolean away;

  @BeforeEach
  void makeLayer() throws IOException {
    layers = LayerStore.open(directory, Clock.systemUTC());
    try (LayerStaging staging = layers.stage()) {
      LayerId id = staging.commit(new LayerId("base")).id();
      ImageConfig config =
          new ImageConfig(
              Map.of("A", "b"),
              "/srv",
              List.of("e"),
              List.of("c"),
              List.of("s"),
              "user",
              List.of("RUN x"));
      image = new BaseImage(List.of(id), config, "sha256:1");
    }
  }

  private BaseImages at(Instant now) throws IOException {
    CachedBases cache = CachedBases.open(directory, layers, Clock.fixed(now, ZoneOffset.UTC));
    BaseProvider registry =
        (reference, _) -> {
          asked++;
          return away
              ? new Answer.Failed(reference, "it is away")
              : new Answer.Provided(image, "Pulled it.");
        };
    return new BaseImages(
        List.of(cache.fresh(), cache.remembering(registry), cache.stale()),
        List.of(cache.remembering(registry), cache.stale()),
        login ->
            List.of((reference, _) ->
                login.equals(new Credentials("ann", "right"))
                    ? new Answer.Provided(image, "Pulled it for ann.")
                    : new Answer.Failed(reference, "it does not know " + login)));
  }

  @Test
  void aTagIsLookedUpOnceADay() throws Exception {
    assertThat(at(START).require("x:1", false, Optional.empty(), log)).isEqualTo(image);
    assertThat(at(START.plus(Duration.ofHours(23))).require("x:1", false, Optional.empty(), log))
        .isEqualTo(image);
    assertThat(asked).isEqualTo(1);
    assertThat(at(START.plus(Duration.ofHours(25))).require("x:1", false, Optional.empty(), log))
        .isEqualTo(image);
    assertThat(asked).isEqualTo(2);
    assertThat(log.said()).contains("'x:1' is not on this machine yet.", "Pulled it.");
  }

  @Test
  void aBuildThatIsForcedLooksItsTagUpAgain() throws Exception {
    at(START).require("x:1", false, Optional.empty(), log);
    at(START.plusSeconds(1)).require("x:1", true, Optional.empty(), log);
    assertThat(asked).isEqualTo(2);
    away = true;
    assertThat(at(START.plusSeconds(2)).require("x:1", true, Optional.empty(), log))
        .as("without a registry, what is here has to do")
        .isEqualTo(image);
  }

  @Test
  void aDigestMeansTheSameImageForEver() throws Exception {
    String reference = "x@sha256:" + "0".repeat(64);
    at(START).require(reference, false, Optional.empty(), log);
    at(START.plus(Duration.ofDays(1_000))).require(reference, false, Optional.empty(), log);
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void anOldTagIsUsedWhenNoRegistryAnswers() throws Exception {
    at(START).require("x:1", false, Optional.empty(), log);
    away = true;
    assertThat(at(START.plus(Duration.ofDays(9))).require("x:1", false, Optional.empty(), log))
        .isEqualTo(image);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void whatALoginReadsIsNotRememberedForThoseWithout() throws Exception {
    away = true;
    assertThat(at(START).require("x:1", false, Optional.of(new Credentials("ann", "right")), log))
        .isEqualTo(image);

    assertThatThrownBy(() -> at(START).require("x:1", false, Optional.empty(), log))
        .hasMessageContaining("it is away");
    assertThatThrownBy(() ->
            at(START).require("x:1", false, Optional.of(new Credentials("bob", "wrong")), log))
        .hasMessageContaining("it does not know credentials of bob")
        .message()
        .doesNotContain("wrong");
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void whoeverPassesSaysWhy() throws Exception {
    away = true;
    assertThatThrownBy(() -> at(START).require("x:1", false, Optional.empty(), log))
        .isInstanceOf(SlipwayException.class)
        .hasMessage(
            "the base image 'x:1' cannot be had: it is away; one of a registry within reach was expected");
    assertThat(log.said()).contains("'x:1' was not pulled: it is away.");
  }
}
