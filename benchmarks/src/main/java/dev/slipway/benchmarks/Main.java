package dev.slipway.benchmarks;

import dev.slipway.testkit.Project;
import java.nio.file.Path;
import java.util.List;

/// Where `./slipway bench NAME` begins.
public final class Main {
  private static final List<String> NAMES = List.of("call", "calls", "load", "image");

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    String name = arguments.length == 0 ? "call" : arguments[0];
    Path state = Project.root().resolve(".slipway");
    Path data = state.resolve("bench-data");
    // A place of its own: what the load generator calls its image is none.
    Path load = state.resolve("bench-load-data");
    Path ray = state.resolve("venvs/ray/bin/python");
    switch (name) {
      case "call" -> new CallBenchmark(data, ray, System.out).run();
      case "calls" -> {
        new ManyCallsBenchmark(data, ray, amounts(arguments), System.out).run();
        System.out.println();
        new ServerLoad(load, System.out).run();
      }
      case "load" -> new ServerLoad(load, System.out).run();
      case "image" -> new ImageBenchmark(state.resolve("bench-image"), System.out).run();
      default -> {
        System.err.println("slipway: no benchmark '" + name + "'; expected one of " + NAMES);
        System.exit(2);
      }
    }
  }

  /// `calls CALLS MAPPED COLD` measures less, or more, than `calls` does.
  private static ManyCallsBenchmark.Amounts amounts(String[] arguments) {
    return arguments.length < 4
        ? ManyCallsBenchmark.Amounts.USUAL
        : new ManyCallsBenchmark.Amounts(
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
  }
}
