package dev.slipway.worker.machine;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A short-lived program of the machine, run to its end.
public final class Program {
  /// How long a program may take that nobody gave a time of its own.
  public static final Duration USUAL_TIME = Duration.ofSeconds(30);

  /// Most output that is kept; what exceeds it is a failure of the program.
  public static final int OUTPUT_LIMIT_BYTES = 8 << 20;

  /// Where programs are looked for besides `PATH`, which a service's environment often cuts short.
  private static final List<String> DIRECTORIES =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private static final Logger log = LoggerFactory.getLogger(Program.class);

  private Program() {}

  /// What a program did.
  ///
  /// @param output what it wrote, on both streams
  public record Result(int code, String output) {}

  /// The path of a program, by `PATH` and the usual directories.
  public static Optional<Path> find(String name) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return java.util.stream.Stream.concat(
            List.of(path.split(":")).stream().filter(part -> part.startsWith("/")),
            DIRECTORIES.stream())
        .map(directory -> Path.of(directory, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /// Runs a program and returns what it did, whatever that was.
  ///
  /// @throws SlipwayException of kind `UNAVAILABLE` when it is not there or takes too long
  public static Result run(List<String> arguments, String input, Duration time)
      throws InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(arguments).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "'" + arguments.getFirst() + "' cannot be run: " + e.getMessage(),
          e);
    }
    CompletableFuture<String> output = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> read(process, output));
    try {
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended without reading all of its input: its exit status tells why.
        output.thenAccept(text -> log.debug("'{}' read too little: {}", arguments, text));
      }
      if (!process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE,
            "'%s' did not end within %d s"
                .formatted(String.join(" ", arguments), time.toSeconds()));
      }
      return new Result(process.exitValue(), output.join());
    } finally {
      process.destroyForcibly();
    }
  }

  /// Runs a program that must succeed and returns what it wrote.
  ///
  /// @throws SlipwayException of kind `UNAVAILABLE` naming the program and what it wrote
  public static String require(List<String> arguments, String input) throws InterruptedException {
    Result result = run(arguments, input, USUAL_TIME);
    if (result.code() != 0) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "'%s' ended with status %d: %s"
              .formatted(String.join(" ", arguments), result.code(), result.output().strip()));
    }
    return result.output();
  }

  public static String require(String... arguments) throws InterruptedException {
    return require(List.of(arguments), "");
  }

  private static void read(Process process, CompletableFuture<String> output) {
    try (var stream = process.getInputStream()) {
      byte[] bytes = stream.readNBytes(OUTPUT_LIMIT_BYTES);
      output.complete(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      output.completeExceptionally(new UncheckedIOException(e));
    }
  }
}
