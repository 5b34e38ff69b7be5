package dev.slipway.benchmarks;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Calls, cold and warm, and a large map, with the official client on a server of our own; beside
/// Ray, doing the same.
final class CallBenchmark {
  private static final int COLD_STARTS = 10;
  private static final int WARM_CALLS = 500;
  private static final int MAPPED = 10_000;

  private static final String[] AMOUNTS = {
    Integer.toString(COLD_STARTS), Integer.toString(WARM_CALLS), Integer.toString(MAPPED)
  };

  private final Path data;
  private final Path rayPython;
  private final PrintStream out;

  /// @param data a data directory that may be kept, so that images are on the machine
  /// @param rayPython the interpreter of a virtual environment with Ray
  CallBenchmark(Path data, Path rayPython, PrintStream out) {
    this.data = data;
    this.rayPython = rayPython;
    this.out = out;
  }

  void run() {
    Path programs = Project.root().resolve("benchmarks/programs");
    CallMeasurements ours;
    List<Table> breakdown;
    try (Slipway server = Slipway.start(data, Map.of())) {
      ModalClient client = ModalClient.of(ClientRelease.NEWEST, programs, server.exports());
      out.println("Slipway: the image first, then the calls …");
      client.python("calls_on_slipway.py", "1", "10", "100").succeeded();
      Run run =
          client.python("calls_on_slipway.py", AMOUNTS[0], AMOUNTS[1], AMOUNTS[2]).succeeded();
      ours = CallMeasurements.parse(run.out());
      breakdown = new CallTimelines(server.exports()).tables(ours);
    }
    out.println("Ray: the same …");
    Run ray =
        ModalClient.runProgram(
                List.of(
                    rayPython.toString(), "calls_on_ray.py", AMOUNTS[0], AMOUNTS[1], AMOUNTS[2]),
                programs)
            .succeeded();
    CallMeasurements theirs = CallMeasurements.parse(ray.out());
    out.println();
    out.println(comparison(ours, theirs));
    breakdown.forEach(table -> out.println("\n" + table));
  }

  static Table comparison(CallMeasurements ours, CallMeasurements theirs) {
    Table table = new Table("", "Slipway", "Ray", "Slipway / Ray");
    row(table, "cold start p50, ms", ours.cold().percentile(50), theirs.cold().percentile(50));
    for (int percent : new int[] {50, 95, 99}) {
      row(
          table,
          "warm call p" + percent + ", ms",
          ours.warm().percentile(percent),
          theirs.warm().percentile(percent));
    }
    row(
        table,
        String.format(Locale.ROOT, "map of %,d, inputs/s", ours.mapped()),
        ours.mappedPerSecond(),
        theirs.mappedPerSecond());
    return table;
  }

  private static void row(Table table, String what, double ours, double theirs) {
    table.row(what, Table.number(ours), Table.number(theirs), Table.ratio(ours, theirs));
  }
}
