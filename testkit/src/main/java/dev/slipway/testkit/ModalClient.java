package dev.slipway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The official client, as a user runs it: its command line and its Python, in a clean home
/// directory, with the exports of a server.
public final class ModalClient {
  /// Enough for the build of an image on a busy machine.
  public static final Duration PATIENCE = Duration.ofMinutes(8);

  private final ClientRelease release;
  private final Path directory;
  private final Path home;
  private final Map<String, String> environment;

  private ModalClient(
      ClientRelease release, Path directory, Path home, Map<String, String> environment) {
    this.release = release;
    this.directory = directory;
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  /// A client that runs programs of `directory` with the given exports.
  public static ModalClient of(ClientRelease release, Path directory, Map<String, String> exports) {
    try {
      return new ModalClient(
          release, directory, Files.createTempDirectory("slipway-client-home"), exports);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ClientRelease release() {
    return release;
  }

  /// The same with one more environment variable.
  public ModalClient with(String name, String value) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put(name, value);
    return new ModalClient(release, directory, home, variables);
  }

  /// Runs `modal …` to its end.
  public Run modal(String... arguments) {
    return finish(startModal(arguments), PATIENCE);
  }

  /// Runs `python …` to its end.
  public Run python(String... arguments) {
    return finish(startPython(arguments), PATIENCE);
  }

  public ChildProcess startModal(String... arguments) {
    return start("modal", arguments);
  }

  public ChildProcess startPython(String... arguments) {
    return start("python", arguments);
  }

  /// Runs another program to its end, in `directory` and with a plain environment.
  public static Run runProgram(List<String> command, Path directory) {
    Map<String, String> variables =
        Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "HOME", "/tmp", "LANG", "C.UTF-8");
    return finish(ChildProcess.start(command, directory, variables), PATIENCE);
  }

  /// Waits for a started program.
  public static Run finish(ChildProcess process, Duration atMost) {
    try (process) {
      int status = process.awaitExit(atMost);
      return new Run(process.toString(), status, process.transcript());
    }
  }

  private ChildProcess start(String program, String... arguments) {
    Path bin = release.virtualEnvironment().resolve("bin");
    List<String> command = new ArrayList<>();
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    Map<String, String> variables = new HashMap<>();
    variables.put("PATH", bin + ":/usr/local/bin:/usr/bin:/bin");
    variables.put("HOME", home.toString());
    variables.put("MODAL_CONFIG_PATH", home.resolve("modal.toml").toString());
    variables.put("LANG", "C.UTF-8");
    variables.put("PYTHONUNBUFFERED", "1");
    variables.put("PYTHONDONTWRITEBYTECODE", "1");
    // Wide, without colours: what the client prints is compared line by line.
    variables.put("COLUMNS", "300");
    variables.put("TERM", "dumb");
    variables.put("NO_COLOR", "1");
    variables.putAll(environment);
    return ChildProcess.start(command, directory, variables);
  }
}
