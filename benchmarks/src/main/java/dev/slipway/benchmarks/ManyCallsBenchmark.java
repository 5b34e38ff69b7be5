package dev.slipway.benchmarks;

import dev.slipway.benchmarks.CpuTimes.Who;
import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Calls of many callers at the same time, a very large map and a burst of cold starts, with the
/// official client on a server of our own, beside Ray doing the same; and who spends the CPU.
final class ManyCallsBenchmark {
  private static final List<Integer> CALLERS = List.of(1, 10, 100);
  private static final Duration PHASE_AT_MOST = Duration.ofMinutes(10);

  /// How much is measured.
  ///
  /// @param calls for each number of callers
  /// @param mapped inputs of the map
  /// @param cold containers that start at the same time
  record Amounts(int calls, int mapped, int cold) {
    static final Amounts USUAL = new Amounts(1_000, 50_000, 50);

    String[] words() {
      return new String[] {
        Integer.toString(calls), Integer.toString(mapped), Integer.toString(cold)
      };
    }
  }

  /// CPU time of a phase, over so many inputs.
  private record Spending(int inputs, Map<Who, Double> seconds) {}

  private final Path data;
  private final Path rayPython;
  private final Amounts amounts;
  private final PrintStream out;

  /// @param data a data directory that may be kept, so that images are on the machine
  /// @param rayPython the interpreter of a virtual environment with Ray
  ManyCallsBenchmark(Path data, Path rayPython, Amounts amounts, PrintStream out) {
    this.data = data;
    this.rayPython = rayPython;
    this.amounts = amounts;
    this.out = out;
  }

  void run() {
    Path programs = Project.root().resolve("benchmarks/programs");
    ManyCallsMeasurements ours;
    String[] words = amounts.words();
    Map<String, Spending> spending = new LinkedHashMap<>();
    Table steps;
    try (Slipway server = Slipway.start(data, Map.of())) {
      ModalClient client = ModalClient.of(ClientRelease.NEWEST, programs, server.exports());
      out.println("Slipway: the image first, then the calls …");
      client.python("many_calls_on_slipway.py", "10", "100", "1").succeeded();
      ChildProcess program =
          client.startPython("many_calls_on_slipway.py", words[0], words[1], words[2]);
      spending.put("burst", spent(server, program, "burst", amounts.cold()));
      for (int callers : CALLERS) {
        String phase = callers + " callers";
        spending.put(phase, spent(server, program, phase, amounts.calls()));
      }
      spending.put("map", spent(server, program, "map", amounts.mapped()));
      Run run = ModalClient.finish(program, PHASE_AT_MOST).succeeded();
      ours = ManyCallsMeasurements.parse(run.out());
      steps =
          new CallTimelines(server.exports())
              .table("warm call, step by step, ms", ours.warmCalls());
    }
    out.println("Ray: the same …");
    Run ray =
        ModalClient.runProgram(
                List.of(rayPython.toString(), "many_calls_on_ray.py", words[0], words[1], words[2]),
                programs)
            .succeeded();
    out.println("\n" + comparison(ours, ManyCallsMeasurements.parse(ray.out())));
    out.println("\n" + spenders(spending));
    out.println("\n" + steps);
  }

  private static Spending spent(Slipway server, ChildProcess program, String phase, int inputs) {
    return new Spending(inputs, CpuTimes.during(phase, program, server.pid(), PHASE_AT_MOST));
  }

  static Table comparison(ManyCallsMeasurements ours, ManyCallsMeasurements theirs) {
    Table table = new Table("", "Slipway", "Ray", "Slipway / Ray");
    for (int callers : CALLERS) {
      for (int percent : new int[] {50, 95, 99}) {
        row(
            table,
            "warm call p%d, %d callers, ms".formatted(percent, callers),
            ours.warm(callers).percentile(percent),
            theirs.warm(callers).percentile(percent));
      }
    }
    row(
        table,
        String.format(Locale.ROOT, "map of %,d, inputs/s", ours.mapped()),
        ours.mappedPerSecond(),
        theirs.mappedPerSecond());
    String burst = "burst of %d cold, ".formatted(ours.cold().size());
    row(table, burst + "p50, ms", ours.cold().percentile(50), theirs.cold().percentile(50));
    row(table, burst + "last, ms", ours.cold().percentile(100), theirs.cold().percentile(100));
    return table;
  }

  private static void row(Table table, String what, double ours, double theirs) {
    table.row(what, Table.number(ours), Table.number(theirs), Table.ratio(ours, theirs));
  }

  private static Table spenders(Map<String, Spending> spending) {
    Table table = new Table("CPU per input, ms", "server", "database", "containers", "client");
    spending.forEach((phase, spent) -> {
      String[] cells = new String[1 + Who.values().length];
      cells[0] = phase;
      for (Who who : Who.values()) {
        double seconds = spent.seconds().getOrDefault(who, 0.0);
        cells[1 + who.ordinal()] = Table.number(seconds * 1000 / spent.inputs());
      }
      table.row(cells);
    });
    return table;
  }
}
