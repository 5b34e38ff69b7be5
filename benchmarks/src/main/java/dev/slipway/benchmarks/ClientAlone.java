package dev.slipway.benchmarks;

import dev.slipway.benchmarks.CpuTimes.Who;
import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// What the official client can take when containers cost nothing: no server could make a map on
/// this machine faster for it.
final class ClientAlone {
  private static final int MAPPED = 20_000;
  private static final Duration AT_MOST = Duration.ofMinutes(5);

  private ClientAlone() {}

  /// A worker without Python must have joined the server.
  static Table measure(Slipway server) {
    ModalClient client =
        ModalClient.of(
            ClientRelease.NEWEST, Project.root().resolve("benchmarks/programs"), server.exports());
    ChildProcess program = client.startPython("client_alone.py", Integer.toString(MAPPED));
    Map<Who, Double> cpu = CpuTimes.during("map", program, server.pid(), AT_MOST);
    Run run = ModalClient.finish(program, AT_MOST).succeeded();
    Table table = new Table("the official client, containers without Python", "");
    table.row(
        "map of %,d, inputs/s".formatted(MAPPED),
        Table.number(CallMeasurements.lastObject(run.out()).required("per_second").asDouble()));
    for (Who who : new Who[] {Who.CLIENT, Who.SERVER, Who.DATABASE}) {
      table.row(
          "CPU per input, %s, ms".formatted(who.name().toLowerCase(Locale.ROOT)),
          Table.number(cpu.getOrDefault(who, 0.0) * 1000 / MAPPED));
    }
    return table;
  }
}
