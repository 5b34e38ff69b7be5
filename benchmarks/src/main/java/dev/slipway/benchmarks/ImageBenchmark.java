package dev.slipway.benchmarks;

import dev.slipway.content.files.Trees;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;

/// Builds of one Dockerfile: cold, with its last step changed, and unchanged; on a server of our
/// own and beside it by Debian's buildah on the same base. Then how long it takes to find an
/// unchanged chain of images, how long the client takes with all that it does itself, and how long
/// the first container of a fresh image takes beside the next one of the same image, for which
/// nothing can be left to unpack.
final class ImageBenchmark {
  private static final String BUILDS = "images_on_slipway.py";
  private static final int CHAIN = 20;

  /// How often each side is asked for what it has built; the median counts, as the program does.
  private static final int UNCHANGED = 7;

  private static final int MODULES = 200;
  private static final int DATA_BYTES = 8_000;

  private static final String DOCKERFILE =
      """
      FROM %s
      ENV GREETING=hello
      WORKDIR /srv
      RUN echo COLD_MARK && head -c 20000000 /dev/urandom > large
      COPY app /srv/app
      RUN python -m compileall -q /srv/app
      RUN mkdir many && for i in $(seq 2000); do echo $i > many/$i; done
      RUN python -c "import json; json.dump(list(range(100000)), open('numbers', 'w'))"
      RUN echo LAST_MARK > mark
      """
          .formatted(Buildah.BASE);

  private final Path state;
  private final PrintStream out;

  /// @param state a directory that may be kept, so that the base is on the machine
  ImageBenchmark(Path state, PrintStream out) {
    this.state = state;
    this.out = out;
  }

  /// What one side took.
  ///
  /// @param cold milliseconds, as the other two
  /// @param nothing the median of several
  /// @param bytes that the first build added to the disk
  record Times(double cold, double last, double nothing, long bytes) {}

  void run() {
    try {
      measure();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void measure() throws IOException {
    Path context = context(Files.createDirectories(state.resolve("context")));
    Path programs = Project.root().resolve("benchmarks/programs");
    Times ours;
    Sample chain;
    Sample withClient;
    Map<String, List<Double>> containers;
    Path layers = state.resolve("data/worker/layers");
    try (Slipway server = Slipway.start(state.resolve("data"), Map.of())) {
      ModalClient client = ModalClient.of(ClientRelease.NEWEST, programs, server.exports());
      out.println("Slipway: the base, the Dockerfile, a chain of images …");
      program(client, BUILDS, context.toString());
      long before = bytes(layers);
      Map<String, List<Double>> found = program(client, BUILDS, context.toString());
      long added = bytes(layers) - before;
      ours =
          new Times(
              all(found, "cold").getFirst(),
              all(found, "last").getFirst(),
              new Sample(all(found, "nothing")).percentile(50),
              added);
      chain = new Sample(all(program(client, BUILDS, "--chain", Integer.toString(CHAIN)), "chain"));
      withClient =
          new Sample(
              all(program(client, "client_builds_on_slipway.py", context.toString()), "client"));
      out.println("Slipway: first containers of fresh images …");
      containers = program(client, "first_containers_on_slipway.py");
    }
    out.println("buildah: the same …");
    Times theirs = buildah(context, layers);
    out.println();
    out.println(comparison(ours, theirs));
    out.printf(
        Locale.ROOT,
        "%nAn unchanged chain of %d images is found in %.1f ms: %.2f ms each (aim 5 ms).%n",
        CHAIN,
        chain.percentile(50),
        chain.percentile(50) / CHAIN);
    out.printf(
        Locale.ROOT,
        "The client needs %.0f ms for the unchanged Dockerfile with all that it does itself.%n",
        withClient.percentile(50));
    out.printf(
        Locale.ROOT,
        "The first container of a fresh image answers after %.0f ms, the next one of the same image after %.0f ms.%n",
        new Sample(all(containers, "first")).percentile(50),
        new Sample(all(containers, "next")).percentile(50));
  }

  static Table comparison(Times ours, Times theirs) {
    Table table = new Table("8 steps", "Slipway", "buildah", "Slipway / buildah", "aim");
    row(table, "cold, ms", ours.cold(), theirs.cold(), "1.0x");
    row(table, "last step changed, ms", ours.last(), theirs.last(), "0.5x");
    row(table, "nothing changed, ms", ours.nothing(), theirs.nothing(), "0.05x");
    row(table, "on the disk, MiB", mib(ours.bytes()), mib(theirs.bytes()), "");
    return table;
  }

  private static void row(Table table, String what, double ours, double theirs, String aim) {
    table.row(what, Table.number(ours), Table.number(theirs), Table.ratio(ours, theirs), aim);
  }

  private static double mib(long bytes) {
    return bytes / (double) (1 << 20);
  }

  /// Runs the program; gives its lines by their first words.
  private static Map<String, List<Double>> program(ModalClient client, String... arguments) {
    Run run = client.python(arguments).succeeded();
    Map<String, List<Double>> found = new HashMap<>();
    run.out()
        .lines()
        .map(line -> line.split(" "))
        .forEach(pair ->
            found
                .computeIfAbsent(pair[0], _ -> new ArrayList<>())
                .add(Double.parseDouble(pair[1])));
    return found;
  }

  private static List<Double> all(Map<String, List<Double>> found, String what) {
    return Objects.requireNonNull(found.get(what), "the program did not measure " + what);
  }

  private static Times buildah(Path context, Path layers) throws IOException {
    try (Buildah buildah = Buildah.open(context.resolveSibling("buildah"))) {
      buildah.importBase(layers);
      String dockerfile = DOCKERFILE.replace("COLD_MARK", UUID.randomUUID().toString());
      Path file = context.resolveSibling("Dockerfile.buildah");
      Files.writeString(file, dockerfile);
      long before = buildah.bytes();
      double cold = buildah.build(context, file);
      long added = buildah.bytes() - before;
      Files.writeString(file, dockerfile.replace("LAST_MARK", "changed"));
      double last = buildah.build(context, file);
      List<Double> nothing = new ArrayList<>();
      for (int i = 0; i < UNCHANGED; i++) {
        nothing.add(buildah.build(context, file));
      }
      return new Times(cold, last, new Sample(nothing).percentile(50), added);
    }
  }

  static long bytes(Path tree) throws IOException {
    return Files.exists(tree) ? Trees.measure(tree).bytes() : 0;
  }

  /// The Dockerfile and what it copies: always the same files.
  private static Path context(Path directory) throws IOException {
    Path app = Files.createDirectories(directory.resolve("app"));
    Random random = new Random(7);
    for (int i = 0; i < MODULES; i++) {
      Files.writeString(app.resolve("module" + i + ".py"), "def f" + i + "():\n    return 1\n");
      byte[] data = new byte[DATA_BYTES];
      random.nextBytes(data);
      Files.write(app.resolve("data" + i), data);
    }
    Files.writeString(directory.resolve("Dockerfile"), DOCKERFILE);
    return directory;
  }
}
