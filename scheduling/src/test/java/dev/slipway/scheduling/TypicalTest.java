package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TypicalTest {
  private static Typical of(Typical typical, Duration time, int times) {
    Typical after = typical;
    for (int i = 0; i < times; i++) {
      after = after.with(time);
    }
    return after;
  }

  private static Typical of(Duration time) {
    return of(Typical.unknown(), time, 20);
  }

  @Test
  void theFirstTimeIsBelieved() {
    assertThat(Typical.unknown().value()).isEmpty();
    assertThat(Typical.unknown().with(Duration.ofSeconds(9)).value())
        .contains(Duration.ofSeconds(9));
  }

  @Test
  void oneStumbleMakesNothingLong() {
    assertThat(of(Duration.ofMillis(2)).with(Duration.ofSeconds(1)).value().orElseThrow())
        .isLessThan(Duration.ofMillis(5));
    assertThat(of(Duration.ofMillis(100)).with(Duration.ofMinutes(1)).value().orElseThrow())
        .isLessThan(Duration.ofMillis(200));
  }

  @Property
  void whatStaysAsItIsBecomesTheAverage(
      @ForAll @IntRange(min = 0, max = 60_000) int before,
      @ForAll @IntRange(min = 1, max = 60_000) int after) {
    Duration now = Duration.ofMillis(after);

    assertThat(of(of(Duration.ofMillis(before)), now, 60).value().orElseThrow())
        .isBetween(
            now.multipliedBy(9).dividedBy(10), now.multipliedBy(11).dividedBy(10).plusMillis(1));
  }
}
