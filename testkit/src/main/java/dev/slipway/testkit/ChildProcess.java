package dev.slipway.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that a test started: in a process group of its own, so that closing it ends all that
/// it started in turn, with default signal handling, whatever the shell above the tests had set up.
public final class ChildProcess implements AutoCloseable {
  private static final Duration OUTPUT_AFTER_EXIT = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private final Transcript transcript = new Transcript();
  private final long startedAt = System.nanoTime();

  private ChildProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    follow(process.getInputStream(), Line.Stream.OUT);
    follow(process.getErrorStream(), Line.Stream.ERR);
  }

  /// Starts `command` in `directory` with exactly this environment.
  public static ChildProcess start(
      List<String> command, Path directory, Map<String, String> environment) {
    List<String> words =
        new ArrayList<>(List.of("setsid", "env", "--default-signal=INT,QUIT,TERM,HUP,PIPE"));
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    try {
      return new ChildProcess(String.join(" ", command), builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  private void follow(InputStream stream, Line.Stream kind) {
    Thread.ofVirtual()
        .start(() -> {
          try (BufferedReader reader =
              new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
              transcript.add(new Line(kind, sinceStart(), text));
            }
          } catch (IOException closed) {
            transcript.add(new Line(kind, sinceStart(), "(" + closed.getMessage() + ")"));
          } finally {
            transcript.streamEnded();
          }
        });
  }

  /// Time since the start.
  public Duration sinceStart() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  public long pid() {
    return process.pid();
  }

  public Transcript transcript() {
    return transcript;
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// Sends a signal to this process alone.
  public void signal(Signal signal) {
    HostCommand.run("kill", "-" + signal.name(), Long.toString(pid()));
  }

  /// Waits for the end and gives the exit status, 128 + signal when a signal ended it.
  ///
  /// Throws an [AssertionError] with the transcript when it still runs after `atMost`.
  public int awaitExit(Duration atMost) {
    try {
      if (!process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError(
            "'" + name + "' still runs after " + atMost.toSeconds() + " s:\n" + transcript);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while '" + name + "' runs", interrupted);
    }
    boolean complete = transcript.awaitEnd(OUTPUT_AFTER_EXIT);
    if (!complete) {
      transcript.add(new Line(Line.Stream.ERR, sinceStart(), "(its output is still open)"));
    }
    return process.exitValue();
  }

  /// Kills the process and everything in its group that is left.
  @Override
  public void close() {
    // Its own session: the group's number is the process's own. Fails when nothing is left,
    // rightly.
    HostCommand.Outcome killed = HostCommand.attempt("kill", "-KILL", "--", "-" + pid());
    if (killed.status() != 0 && process.isAlive()) {
      process.destroyForcibly();
    }
  }

  @Override
  public String toString() {
    return name + " (" + pid() + ")";
  }
}
