package dev.slipway.worker.base;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs a program of this machine, on the machine itself.
final class HostProgram {
  private static final Duration GRACE = Duration.ofSeconds(10);

  private HostProgram() {}

  /// Takes one line of what the program writes.
  interface Lines {
    void accept(String line) throws InterruptedException;
  }

  /// Runs a program to its end. It is ended when the calling thread is interrupted or its time is
  /// over.
  ///
  /// @return its exit code
  /// @throws IOException when there is no such program
  static int run(List<String> command, Duration limit, Lines lines)
      throws IOException, InterruptedException, TimeoutException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process = builder.start();
    // Reading a pipe does not heed an interrupt, so another thread reads.
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try (BufferedReader output = process.inputReader()) {
                for (String line; (line = output.readLine()) != null; ) {
                  lines.accept(line);
                }
              } catch (IOException | InterruptedException e) {
                // The program was ended, and nobody listens any more.
                process.destroy();
              }
            });
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException(
            command.getFirst() + " ran longer than " + limit.toSeconds() + " seconds");
      }
      reader.join();
      return process.exitValue();
    } finally {
      end(process);
      reader.interrupt();
    }
  }

  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> descendants = process.descendants().toList();
    // First politely: the program may have things to take away that it mounted.
    process.destroy();
    try {
      if (process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    descendants.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
