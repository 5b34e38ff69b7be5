package dev.slipway.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Where the time of a call goes, step by step, as the server stamped it.
final class CallTimelines {
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(10);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String INDEX = "index";
  private static final double MICROS_PER_MILLI = 1_000.0;

  private final Map<String, String> exports;
  private final HttpClient http = HttpClient.newHttpClient();

  /// @param exports what `slipway env` prints: where the server is, and a token for it
  CallTimelines(Map<String, String> exports) {
    this.exports = Map.copyOf(exports);
  }

  /// One table for warm calls and one for cold ones.
  List<Table> tables(CallMeasurements measured) {
    return List.of(
        table("warm call, step by step, p50 ms", measured.warmCalls()),
        table("cold start, step by step, p50 ms", measured.coldCalls()));
  }

  /// How long each step of these calls took.
  Table table(String title, List<String> calls) {
    Map<String, List<Double>> durations = new LinkedHashMap<>();
    for (String call : calls) {
      steps(call)
          .forEach(
              (step, took) -> durations.computeIfAbsent(step, s -> new ArrayList<>()).add(took));
    }
    Table table = new Table(title, "p50", "p99");
    durations.forEach((step, took) -> {
      Sample sample = new Sample(took);
      table.row(step, Table.number(sample.percentile(50)), Table.number(sample.percentile(99)));
    });
    return table;
  }

  /// Milliseconds between each step and the one before it, by `earlier → later`.
  private Map<String, Double> steps(String call) {
    return between(get("/debug/timeline?call=" + call).required(0));
  }

  /// @param input microseconds since the epoch by step, in order, beside the input's index
  static Map<String, Double> between(JsonNode input) {
    Map<String, Double> durations = new LinkedHashMap<>();
    String before = "";
    long last = 0;
    for (Map.Entry<String, JsonNode> step : input.properties()) {
      if (step.getKey().equals(INDEX) || step.getValue().isNull()) {
        continue;
      }
      long at = step.getValue().asLong();
      if (!before.isEmpty()) {
        durations.put(before + " → " + step.getKey(), (at - last) / MICROS_PER_MILLI);
      }
      before = step.getKey();
      last = at;
    }
    return durations;
  }

  private JsonNode get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(exports.get("MODAL_SERVER_URL") + path))
            .header("x-modal-token-id", exports.getOrDefault("MODAL_TOKEN_ID", ""))
            .header("x-modal-token-secret", exports.getOrDefault("MODAL_TOKEN_SECRET", ""))
            .timeout(ANSWERED_WITHIN)
            .build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(path + " answered " + response.statusCode());
      }
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
