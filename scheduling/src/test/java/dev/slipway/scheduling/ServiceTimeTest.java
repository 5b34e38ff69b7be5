package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServiceTimeTest {
  private static final Duration SLOW = Duration.ofMillis(400);
  private static final Duration QUICK = Duration.ofMillis(2);

  @Test
  void firstInputsSpeakForTheOthersOnlyWhileNothingElseIsKnown() {
    ServiceTime time = ServiceTime.unknown();
    assertThat(time.value()).isEmpty();
    time = time.with(SLOW, true);
    assertThat(time.value()).contains(SLOW);
    time = time.with(QUICK, false);
    assertThat(time.value()).contains(QUICK);
    assertThat(time.with(SLOW, true).value()).contains(QUICK);
    assertThat(time.with(SLOW, false).value().orElseThrow()).isGreaterThan(QUICK);
  }
}
