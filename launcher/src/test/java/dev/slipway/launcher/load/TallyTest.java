package dev.slipway.launcher.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TallyTest {
  private final Tally tally = new Tally();

  @Test
  void percentilesAreWhatSoManyInputsTookAtMost() {
    for (int milliseconds = 1; milliseconds <= 100; milliseconds++) {
      tally.finished(Duration.ofMillis(milliseconds).toNanos() - 1);
    }
    assertThat(tally.finished()).isEqualTo(100);
    assertThat(tally.percentile(50)).isEqualTo(50);
    assertThat(tally.percentile(99)).isEqualTo(99);
    assertThat(tally.percentile(100)).isEqualTo(100);
  }

  @Test
  void whatTakesVeryLongCountsAsAMinute() {
    tally.finished(Duration.ofHours(1).toNanos());
    assertThat(tally.percentile(50)).isEqualTo(60_000);
  }

  @Test
  void nothingMeasuredIsNoMeasurement() {
    assertThatThrownBy(() -> tally.percentile(50)).hasMessageContaining("nothing was measured");
  }
}
