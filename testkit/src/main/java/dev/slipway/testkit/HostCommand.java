package dev.slipway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A short command of the machine, run to its end.
final class HostCommand {
  private static final long MAX_SECONDS = 30;

  /// What came of a command.
  ///
  /// @param status its exit status
  /// @param output both streams together
  record Outcome(int status, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  private HostCommand() {}

  /// Runs a command that must succeed.
  static Outcome run(String... command) {
    Outcome outcome = attempt(command);
    if (outcome.status() != 0) {
      throw new AssertionError(
          String.join(" ", command) + " ended with " + outcome.status() + ": " + outcome.output());
    }
    return outcome;
  }

  /// Runs a command that may fail.
  static Outcome attempt(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", command) + " hangs");
      }
      return new Outcome(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
