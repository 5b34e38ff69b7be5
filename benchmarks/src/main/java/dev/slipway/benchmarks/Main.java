package dev.slipway.benchmarks;

import dev.slipway.testkit.Project;
import java.nio.file.Path;
import java.util.List;

/// Where `./slipway bench NAME` begins.
public final class Main {
  private static final List<String> NAMES = List.of("call");

  private Main() {}

  public static void main(String[] arguments) {
    String name = arguments.length == 0 ? "call" : arguments[0];
    if (!NAMES.contains(name)) {
      System.err.println("slipway: no benchmark '" + name + "'; expected one of " + NAMES);
      System.exit(2);
    }
    Path state = Project.root().resolve(".slipway");
    new CallBenchmark(
            state.resolve("bench-data"), state.resolve("venvs/ray/bin/python"), System.out)
        .run();
  }
}
