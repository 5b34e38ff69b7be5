package dev.slipway.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ManyCallsBenchmarkTest {
  private static ManyCallsMeasurements measured(double factor) {
    return ManyCallsMeasurements.parse(
        """
        begin map
        {"warm_ms": {"1": [%1$s], "10": [%1$s], "100": [%1$s]}, "map_s": %1$s, "mapped": 50000,
         "cold_ms": [%1$s], "warm_calls": ["fc-1"]}
        """
            .replace("\n ", " ")
            .formatted(factor));
  }

  @Test
  void theComparisonShowsBothSidesAndTheirRatio() {
    assertThat(
            ManyCallsBenchmark.comparison(measured(100), measured(50))
                .toString()
                .lines()
                .map(line -> line.replaceAll(" {2,}", "|"))
                .toList())
        .startsWith("|Slipway|Ray|Slipway / Ray", "warm call p50, 1 callers, ms|100|50.00|2.00x")
        .endsWith(
            "warm call p99, 100 callers, ms|100|50.00|2.00x",
            "map of 50,000, inputs/s|500|1,000|0.50x",
            "burst of 1 cold, p50, ms|100|50.00|2.00x",
            "burst of 1 cold, last, ms|100|50.00|2.00x");
  }

  @Test
  void aProgramThatMeasuredNothingIsNoMeasurement() {
    assertThatThrownBy(() -> ManyCallsMeasurements.parse("Traceback …"))
        .hasMessageContaining("Traceback");
  }
}
