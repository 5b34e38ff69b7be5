package dev.slipway.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/// What one of the two programs of the benchmark of many calls measured.
///
/// @param warm calls that find a container, by how many callers called at the same time
/// @param mapSeconds how long the map of `mapped` inputs took
/// @param cold calls at the same moment, each of which needs a container or a process of its own
/// @param warmCalls ids of warm calls, for the breakdown; empty for the alternative
record ManyCallsMeasurements(
    Map<Integer, Sample> warm, double mapSeconds, int mapped, Sample cold, List<String> warmCalls) {
  /// Reads what a program measured.
  static ManyCallsMeasurements parse(String output) {
    JsonNode node = CallMeasurements.lastObject(output);
    Map<Integer, Sample> warm = new LinkedHashMap<>();
    node.required("warm_ms")
        .properties()
        .forEach(entry -> warm.put(Integer.parseInt(entry.getKey()), sample(entry.getValue())));
    List<String> calls = new ArrayList<>();
    node.required("warm_calls").forEach(call -> calls.add(call.asString()));
    return new ManyCallsMeasurements(
        warm,
        node.required("map_s").asDouble(),
        node.required("mapped").asInt(),
        sample(node.required("cold_ms")),
        calls);
  }

  private static Sample sample(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return new Sample(numbers);
  }

  Sample warm(int callers) {
    return Objects.requireNonNull(warm.get(callers), "nothing of " + callers + " callers");
  }

  double mappedPerSecond() {
    return mapped / mapSeconds;
  }
}
