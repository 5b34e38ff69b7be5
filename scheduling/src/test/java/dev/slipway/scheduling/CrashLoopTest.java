package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CrashLoopTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void everyFailedStartMakesTheNextWaitTwiceAsLongUpToAMinute() {
    CrashLoop loop = CrashLoop.none();
    long[] expectedMillis = {500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000};
    for (long millis : expectedMillis) {
      loop = loop.startFailed(NOW);
      assertThat(loop.notBefore()).isEqualTo(NOW.plusMillis(millis));
    }
    assertThat(loop.complaint(NOW))
        .contains("the last 9 containers failed to start; the next one starts in 60.0 s");
  }

  @Test
  void aFewCrashesMeanNothingAndMoreOfThemAWait() {
    CrashLoop loop = CrashLoop.none();
    for (int i = 0; i < CrashLoop.FREE_CRASHES; i++) {
      loop = loop.crashed(NOW);
      assertThat(loop.complaint(NOW)).isEmpty();
    }
    loop = loop.crashed(NOW).crashed(NOW);
    assertThat(loop.notBefore()).isEqualTo(NOW.plusSeconds(1));
    assertThat(loop.complaint(NOW))
        .contains(
            "the last 5 containers crashed before they answered anything;"
                + " the next one starts in 1.0 s");
  }

  @Test
  void aContainerThatBecomesReadyEndsTheTroubleWithStartsAndNotThatWithCrashes() {
    CrashLoop loop = CrashLoop.none().startFailed(NOW).started();
    assertThat(loop).isEqualTo(CrashLoop.none());

    CrashLoop crashing = CrashLoop.none();
    for (int i = 0; i < 6; i++) {
      crashing = crashing.started().crashed(NOW);
    }
    assertThat(crashing.started().complaint(NOW)).isPresent();
  }

  @Test
  void theWaitEnds() {
    CrashLoop loop = CrashLoop.none().startFailed(NOW);
    assertThat(loop.complaint(NOW.plus(Duration.ofMillis(499)))).isPresent();
    assertThat(loop.complaint(NOW.plus(Duration.ofMillis(500)))).isEmpty();
  }
}
