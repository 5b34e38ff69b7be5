package dev.slipway.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class CallBenchmarkTest {
  private static CallMeasurements measured(String cold, String warm, double mapSeconds) {
    return CallMeasurements.parse(
        "noise\n{\"cold_ms\": [%s], \"warm_ms\": [%s], \"map_s\": %s, \"mapped\": 10000}\n"
            .formatted(cold, warm, mapSeconds));
  }

  @Test
  void percentilesAreMeasuredValues() {
    Sample sample = new Sample(List.of(5.0, 1.0, 4.0, 2.0, 3.0));
    assertThat(sample.percentile(50)).isEqualTo(3.0);
    assertThat(sample.percentile(95)).isEqualTo(5.0);
    assertThat(sample.percentile(1)).isEqualTo(1.0);
    assertThat(new Sample(List.of(7.0)).percentile(99)).isEqualTo(7.0);
  }

  @Test
  void theComparisonShowsBothSidesAndTheirRatio() {
    String table =
        CallBenchmark.comparison(
                measured("900, 1000, 1100", "4, 4, 8", 20), measured("500", "2", 10))
            .toString();
    assertThat(table.lines().toList())
        .containsExactly(
            "                         Slipway    Ray  Slipway / Ray",
            "cold start p50, ms         1,000    500          2.00x",
            "warm call p50, ms           4.00   2.00          2.00x",
            "warm call p95, ms           8.00   2.00          4.00x",
            "warm call p99, ms           8.00   2.00          4.00x",
            "map of 10,000, inputs/s      500  1,000          0.50x");
  }

  @Test
  void aProgramThatMeasuredNothingIsNoMeasurement() {
    assertThatThrownBy(() -> CallMeasurements.parse("Traceback …"))
        .hasMessageContaining("Traceback");
    assertThatThrownBy(() -> measured("", "1", 1)).hasMessageContaining("nothing was measured");
  }

  @Test
  void stepsAreTheTimeSinceTheOneBefore() {
    assertThat(
            CallTimelines.between(
                JsonMapper.builder()
                    .build()
                    .readTree(
                        """
                        {"index": 0, "accepted": 1000000, "queued": 1001500, "fetched": null,
                         "output_put": 1004000}
                        """)))
        .containsExactly(entry("accepted → queued", 1.5), entry("queued → output_put", 2.5));
  }
}
