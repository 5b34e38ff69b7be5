package dev.slipway.benchmarks;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What one of the two programs of the call benchmark measured.
///
/// @param cold a call that finds no container, or no process
/// @param warm calls one after the other that find one
/// @param mapSeconds how long the map of `mapped` inputs took
/// @param warmCalls ids of warm calls, for the breakdown; empty for the alternative
/// @param coldCalls ids of cold calls
record CallMeasurements(
    Sample cold,
    Sample warm,
    double mapSeconds,
    int mapped,
    List<String> warmCalls,
    List<String> coldCalls) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// The JSON object in the last line that a program wrote.
  static JsonNode lastObject(String output) {
    return JSON.readTree(
        output
            .lines()
            .filter(line -> line.startsWith("{"))
            .reduce((earlier, later) -> later)
            .orElseThrow(() -> new IllegalArgumentException("no measurements in: " + output)));
  }

  /// Reads what a program measured.
  static CallMeasurements parse(String output) {
    JsonNode node = lastObject(output);
    return new CallMeasurements(
        new Sample(numbers(node.required("cold_ms"))),
        new Sample(numbers(node.required("warm_ms"))),
        node.required("map_s").asDouble(),
        node.required("mapped").asInt(),
        words(node.path("warm_calls")),
        words(node.path("cold_calls")));
  }

  double mappedPerSecond() {
    return mapped / mapSeconds;
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  private static List<String> words(JsonNode array) {
    List<String> words = new ArrayList<>();
    array.forEach(word -> words.add(word.asString()));
    return words;
  }
}
