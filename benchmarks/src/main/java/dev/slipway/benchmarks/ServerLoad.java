package dev.slipway.benchmarks;

import dev.slipway.benchmarks.CpuTimes.Who;
import dev.slipway.launcher.WorkerCredentials;
import dev.slipway.launcher.load.ContainersAtDoor;
import dev.slipway.launcher.load.Gate;
import dev.slipway.launcher.load.LoadClient;
import dev.slipway.launcher.load.LoadMap;
import dev.slipway.launcher.load.LoadWorker;
import dev.slipway.launcher.load.Pace;
import dev.slipway.launcher.load.Tally;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Slipway;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the server itself can carry, durability included: a load generator speaks both the client's
/// and the container's side of the protocol, so that no Python is in the way.
final class ServerLoad {
  private static final int WARM_UP_SECONDS = 20;
  private static final int MEASURE_SECONDS = 10;
  private static final Duration FINISH_AT_MOST = Duration.ofMinutes(2);

  private static final int MAPS = 8;

  /// As the official client has them at most.
  private static final int OUTSTANDING = 1_000;

  private static final int[] DEPTHS = {1_000, 10_000, 100_000};

  /// Containers that ask for one input, answer it and ask again, as the official runner does.
  private static final LoadClient.Serving ONE_BY_ONE = new LoadClient.Serving(16, 1, 0);

  /// Containers that take what is there, up to as many as a map's client sends at once.
  private static final LoadClient.Serving IN_BATCHES = new LoadClient.Serving(4, 1, LoadMap.CHUNK);

  private static final Pattern HEAP_USED = Pattern.compile("heap.* used (\\d+)K");

  /// A rate that was kept up.
  private record Rate(double perSecond, Map<Who, Double> cpu, long inputs, Tally tally) {
    double micros(Who who) {
      return cpu.getOrDefault(who, 0.0) * 1e6 / inputs;
    }
  }

  private final Path data;
  private final PrintStream out;

  ServerLoad(Path data, PrintStream out) {
    this.data = data;
    this.out = out;
  }

  void run() throws InterruptedException {
    try (Slipway server = Slipway.startAlone(data, Map.of())) {
      out.println("Server alone: a load generator calls and serves …");
      out.println("\n" + ceilings(server));
      out.println("\n" + depths(server));
      out.println("\n" + clientAlone(server));
    }
  }

  private static Table clientAlone(Slipway server) {
    ManagedChannel working = channel(server);
    try (LoadWorker worker = worker(server, working, new Gate())) {
      return ClientAlone.measure(server);
    } finally {
      working.shutdownNow();
    }
  }

  // ---- the ceiling, and what waits at half of it

  private Table ceilings(Slipway server) throws InterruptedException {
    Table table =
        new Table("the server without Python", "one input a question", "up to 49 a question");
    List<Rate> full = new ArrayList<>();
    List<Rate> half = new ArrayList<>();
    for (LoadClient.Serving serving : List.of(ONE_BY_ONE, IN_BATCHES)) {
      Gate gate = new Gate();
      ManagedChannel calling = channel(server);
      ManagedChannel working = channel(server);
      try (LoadWorker worker = worker(server, working, gate);
          LoadClient client = LoadClient.make(calling, server.exports(), serving)) {
        rate(server, client, Pace.unlimited(), WARM_UP_SECONDS);
        full.add(rate(server, client, Pace.unlimited(), MEASURE_SECONDS));
        half.add(rate(server, client, Pace.of(full.getLast().perSecond() / 2), MEASURE_SECONDS));
      } finally {
        calling.shutdownNow();
        working.shutdownNow();
      }
    }
    row(table, "inputs/s, in and out", full, rate -> Table.number(rate.perSecond()));
    row(table, "at half of it, p50 ms", half, rate -> Table.number(rate.tally().percentile(50)));
    row(table, "at half of it, p99 ms", half, rate -> Table.number(rate.tally().percentile(99)));
    row(table, "CPU per input, server, µs", full, rate -> Table.number(rate.micros(Who.SERVER)));
    row(
        table,
        "CPU per input, database, µs",
        full,
        rate -> Table.number(rate.micros(Who.DATABASE)));
    row(table, "CPU per input, generator, µs", full, rate -> Table.number(rate.micros(Who.CLIENT)));
    return table;
  }

  private static void row(
      Table table, String what, List<Rate> rates, java.util.function.Function<Rate, String> shown) {
    table.row(what, shown.apply(rates.get(0)), shown.apply(rates.get(1)));
  }

  private static Rate rate(Slipway server, LoadClient client, Pace pace, int seconds)
      throws InterruptedException {
    Tally tally = new Tally();
    List<LoadMap> maps = new ArrayList<>();
    for (int i = 0; i < MAPS; i++) {
      maps.add(LoadMap.start(client, OUTSTANDING, true, pace, tally));
    }
    Rate rate = measure(server, tally, seconds);
    for (LoadMap map : maps) {
      map.finish(FINISH_AT_MOST);
    }
    return rate;
  }

  private static Rate measure(Slipway server, Tally tally, int seconds)
      throws InterruptedException {
    Set<Long> self = Set.of(ProcessHandle.current().pid());
    CpuTimes before = CpuTimes.now(server.pid(), self);
    long finishedBefore = tally.finished();
    long begun = System.nanoTime();
    TimeUnit.SECONDS.sleep(seconds);
    long finished = tally.finished() - finishedBefore;
    double took = (System.nanoTime() - begun) / 1e9;
    return new Rate(
        finished / took,
        CpuTimes.now(server.pid(), self).since(before),
        Math.max(1, finished),
        tally);
  }

  // ---- what the queue's length costs

  private Table depths(Slipway server) throws InterruptedException {
    Table table = new Table("with so many pending", "1,000", "10,000", "100,000");
    List<String> in = new ArrayList<>(List.of("accepted while none is served, inputs/s"));
    List<String> through = new ArrayList<>(List.of("inputs/s, in and out"));
    List<String> cpu = new ArrayList<>(List.of("CPU per input, server and database, µs"));
    List<String> memory = new ArrayList<>(List.of("server heap per pending input, bytes"));
    for (int depth : DEPTHS) {
      Gate gate = new Gate();
      ManagedChannel calling = channel(server);
      ManagedChannel working = channel(server);
      try (LoadWorker worker = worker(server, working, gate);
          LoadClient client = LoadClient.make(calling, server.exports(), IN_BATCHES)) {
        gate.shut();
        long heapBefore = heap(server);
        Tally tally = new Tally();
        List<LoadMap> maps = new ArrayList<>();
        long begun = System.nanoTime();
        for (int i = 0; i < MAPS; i++) {
          maps.add(LoadMap.start(client, depth / MAPS, false, Pace.unlimited(), tally));
        }
        while (tally.accepted() < depth / MAPS * MAPS) {
          TimeUnit.MILLISECONDS.sleep(1);
        }
        in.add(Table.number(depth / ((System.nanoTime() - begun) / 1e9)));
        memory.add(Table.number((heap(server) - heapBefore) / (double) depth));
        gate.open();
        Rate rate = measure(server, tally, MEASURE_SECONDS);
        through.add(Table.number(rate.perSecond()));
        cpu.add(Table.number(rate.micros(Who.SERVER) + rate.micros(Who.DATABASE)));
        for (LoadMap map : maps) {
          map.finish(FINISH_AT_MOST);
        }
      } finally {
        calling.shutdownNow();
        working.shutdownNow();
      }
    }
    for (List<String> cells : List.of(in, through, cpu, memory)) {
      table.row(cells.toArray(String[]::new));
    }
    return table;
  }

  /// Bytes of the server's heap that are in use, after a collection.
  private static long heap(Slipway server) {
    jcmd(server, "GC.run");
    jcmd(server, "GC.run");
    String info = jcmd(server, "GC.heap_info");
    Matcher used = HEAP_USED.matcher(info);
    if (!used.find()) {
      throw new IllegalStateException("no use of the heap in: " + info);
    }
    return Long.parseLong(used.group(1)) << 10;
  }

  private static String jcmd(Slipway server, String command) {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    return ModalClient.runProgram(
            List.of(jcmd, Long.toString(server.pid()), command), Project.root())
        .succeeded()
        .out();
  }

  // ---- the way to the server

  private static ManagedChannel channel(Slipway server) {
    return Grpc.newChannelBuilderForAddress(
            "127.0.0.1", server.port(), InsecureChannelCredentials.create())
        .build();
  }

  private static LoadWorker worker(Slipway server, Channel plain, Gate gate) {
    Channel channel = new WorkerCredentials(LoadWorker.ID, token(server)).on(plain);
    return new LoadWorker(channel, new ContainersAtDoor(channel), gate);
  }

  private static String token(Slipway server) {
    try {
      return Files.readString(server.data().resolve("worker-token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
