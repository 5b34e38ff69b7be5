package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/// How many inputs are handed over at once.
class FetchAheadTest {
  private static int count(Duration service, int waiting, int containers) {
    return FetchAhead.count(Optional.of(service), waiting, containers, 32);
  }

  @Test
  void shortInputsComeByTheHandfulAndLongOnesOneByOne() {
    assertThat(count(Duration.ofMillis(2), 1_000, 2)).isEqualTo(12);
    assertThat(count(Duration.ofMillis(13), 1_000, 2)).isEqualTo(1);
    assertThat(count(Duration.ofMinutes(1), 1_000, 2)).isEqualTo(1);
    assertThat(count(Duration.ZERO, 1_000, 2)).isEqualTo(32);
  }

  @Test
  void nothingIsGuessedOfInputsThatNobodyHasSeenEnd() {
    assertThat(FetchAhead.count(Optional.empty(), 1_000, 1, 32)).isEqualTo(1);
  }

  @Test
  void theLastOnesAreSharedAmongTheContainers() {
    assertThat(count(Duration.ofMillis(1), 9, 4)).isEqualTo(3);
    assertThat(count(Duration.ofMillis(1), 3, 4)).isEqualTo(1);
    assertThat(count(Duration.ofMillis(1), 0, 0)).isEqualTo(1);
  }

  @Property
  void aHandfulBeginsInTimeAndFits(
      @ForAll @LongRange(min = 0, max = 10_000_000_000L) long nanos,
      @ForAll @IntRange(min = 0, max = 100_000) int waiting,
      @ForAll @IntRange(min = 0, max = 100) int containers,
      @ForAll @IntRange(min = 1, max = 1_000) int most) {
    int count = FetchAhead.count(Optional.of(Duration.ofNanos(nanos)), waiting, containers, most);

    assertThat(count).isBetween(1, most);
    assertThat(count == 1 || count * nanos <= FetchAhead.HANDFUL.toNanos()).isTrue();
    assertThat(count == 1 || (count - 1) * Math.max(1, containers) < waiting).isTrue();
  }
}
