package dev.slipway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A server in a process of its own on a data directory: with a worker, as `slipway up` starts it,
/// or alone, as `slipway server`. It can be stopped, killed, and started again on the same data and
/// the same port.
public final class Slipway implements AutoCloseable {
  /// The first start on a machine makes a database and looks at what the machine can do.
  private static final Duration READY_AT_MOST = Duration.ofMinutes(3);

  private static final Duration STOPPED_AT_MOST = Duration.ofSeconds(60);

  /// System property: the program to start, such as `./slipway`, instead of the classes under test.
  private static final String PROGRAM = "slipway.program";

  private static final String READY = "slipway ready ";
  private static final Pattern EXPORT = Pattern.compile("export ([A-Z_0-9]+)=(.*)");

  private final String command;
  private final Path data;
  private final int port;
  private final Map<String, String> settings;
  private @Nullable ChildProcess process;

  private Slipway(String command, Path data, Map<String, String> settings) {
    this.command = command;
    this.data = data.toAbsolutePath();
    this.port = freePort();
    this.settings = Map.copyOf(settings);
  }

  /// Starts a server on `data` and waits until it says that it is ready. `settings` are environment
  /// variables of the operator, on top of those of this process.
  public static Slipway start(Path data, Map<String, String> settings) {
    Slipway slipway = new Slipway("up", data, settings);
    slipway.start();
    return slipway;
  }

  /// Starts a server that has no worker until one joins.
  public static Slipway startAlone(Path data, Map<String, String> settings) {
    Slipway slipway = new Slipway("server", data, settings);
    slipway.start();
    return slipway;
  }

  /// Starts it again after [#stop()] or [#kill()].
  public void start() {
    if (process != null && process.alive()) {
      throw new IllegalStateException(this + " runs already");
    }
    process =
        ChildProcess.start(
            launch(command, "--data", data.toString(), "--listen", "127.0.0.1:" + port),
            Project.root(),
            environment());
    Line ready = process.transcript().await(text -> text.startsWith(READY), READY, READY_AT_MOST);
    if (!ready.text().equals(READY + url()) || ready.stream() != Line.Stream.OUT) {
      throw new AssertionError("expected '" + READY + url() + "' on stdout, but saw " + ready);
    }
  }

  /// Asks it to end, as Ctrl-C or an init system does, and waits. Throws an [AssertionError] with
  /// its log when it does not end with status 0 in time.
  public Duration stop(Signal signal) {
    ChildProcess running = running();
    long asked = System.nanoTime();
    running.signal(signal);
    int status = running.awaitExit(STOPPED_AT_MOST);
    if (status != 0) {
      throw new AssertionError("the server ended with " + status + ":\n" + running.transcript());
    }
    return Duration.ofNanos(System.nanoTime() - asked);
  }

  /// `kill -9` of the server's process, and of nothing else.
  public void kill() {
    ChildProcess running = running();
    running.signal(Signal.KILL);
    running.awaitExit(STOPPED_AT_MOST);
  }

  /// What `slipway env` exports.
  public Map<String, String> exports() {
    Run env = run("env", "--data", data.toString()).succeeded();
    Map<String, String> exports = new LinkedHashMap<>();
    for (String line : env.out().lines().toList()) {
      Matcher matcher = EXPORT.matcher(line);
      if (matcher.matches()) {
        exports.put(matcher.group(1), unquoted(matcher.group(2)));
      }
    }
    return exports;
  }

  /// Runs one command of the launcher to its end, without any server.
  public static Run command(String... arguments) {
    ChildProcess command =
        ChildProcess.start(launch(arguments), Project.root(), environment(Map.of()));
    return ModalClient.finish(command, READY_AT_MOST);
  }

  /// Runs another command of the launcher to its end, such as `doctor`.
  public Run run(String... arguments) {
    ChildProcess command = ChildProcess.start(launch(arguments), Project.root(), environment());
    return ModalClient.finish(command, READY_AT_MOST);
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  public Path data() {
    return data;
  }

  public long pid() {
    return running().pid();
  }

  public boolean alive() {
    return process != null && process.alive();
  }

  /// What the server wrote since its last start.
  public Transcript log() {
    return running().transcript();
  }

  private ChildProcess running() {
    if (process == null) {
      throw new IllegalStateException(this + " was never started");
    }
    return process;
  }

  private Map<String, String> environment() {
    return environment(settings);
  }

  static Map<String, String> environment(Map<String, String> settings) {
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.keySet().removeIf(name -> name.startsWith("MODAL_"));
    variables.putAll(settings);
    return variables;
  }

  static List<String> launch(String... arguments) {
    List<String> command = new ArrayList<>();
    String program = System.getProperty(PROGRAM);
    if (program != null) {
      command.add(program);
      command.addAll(List.of(arguments));
      return command;
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("dev.slipway.launcher.Main");
    command.addAll(List.of(arguments));
    return command;
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() >= 2
            && (value.startsWith("'") && value.endsWith("'")
                || value.startsWith("\"") && value.endsWith("\""));
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /// A port of the loopback interface that nobody listens on at the moment.
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stops it if it runs; whatever its process group still holds then is killed.
  @Override
  public void close() {
    if (process == null) {
      return;
    }
    try (ChildProcess last = process) {
      if (last.alive()) {
        stop(Signal.TERM);
      }
    }
  }

  @Override
  public String toString() {
    return "slipway on " + data + " at " + url();
  }
}
