package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.scheduling.ClosedLoop.World;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What becomes of a crowd of callers who wait for each output before they send the next input, on
/// two cores with room for sixteen containers.
class ClosedLoopTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int CALLERS = 100;

  private static int containers(double inputCpu, double inputWait, double firstCpu) {
    ClosedLoop loop = new ClosedLoop(new World(2, CALLERS, inputCpu, inputWait, 1, 700, firstCpu));
    loop.run(LONG);
    return loop.containers();
  }

  @Test
  void aCrowdOfVeryShortInputsSettlesOnAFewContainers() {
    assertThat(containers(0.5, 0, 0)).isEqualTo(2);
    assertThat(containers(2, 0, 0)).isEqualTo(2);
    assertThat(containers(20, 0, 0)).isEqualTo(2);
  }

  @Test
  void slowFirstInputsOfContainersDoNotBringUpMoreAndMore() {
    for (double first : new double[] {50, 100, 200, 300}) {
      assertThat(containers(2, 0, first))
          .as("when the first input of a container takes %s ms more", first)
          .isLessThanOrEqualTo(6);
    }
  }

  @Test
  void inputsThatWaitForSomethingElseGetContainersAsTheirTimeNeeds() {
    assertThat(containers(2, 50, 200)).isBetween(5, 8);
    assertThat(containers(1, 200, 200)).isGreaterThanOrEqualTo(12);
    assertThat(containers(1, 1_000, 200)).isEqualTo(16);
    assertThat(containers(1, 5_000, 200)).isEqualTo(16);
  }
}
