package dev.slipway.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The decisions together, over many worlds. A failure names its seed: `-Dsimulation.seed=N` runs
/// that world alone.
class SimulationTest {
  private static final int SEEDS = 200;

  @Test
  void theSafetyPropertiesHoldInEveryWorld() {
    Long only = Long.getLong("simulation.seed");
    long first = only == null ? 1 : only;
    long last = only == null ? SEEDS : only;
    for (long seed = first; seed <= last; seed++) {
      run(seed, new Simulation(seed));
    }
  }

  @Test
  void theyHoldWithThousandsOfContainers() {
    Simulation large = new Simulation(1, 8, 64, 12, 250);
    run(1, large);
    assertThat(large.mostContainers).isGreaterThan(2_000);
  }

  private static void run(long seed, Simulation simulation) {
    try {
      simulation.run();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("the world of seed " + seed + " broke: " + e.getMessage(), e);
    }
  }
}
