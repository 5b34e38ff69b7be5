package dev.slipway.launcher.door;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the port while the server is away: a small process that listens beside it, and is given no
/// connection until the server has died without a farewell. Whoever connects then waits, instead of
/// being refused, until the next start of the server.
///
/// The client asks for the result of a call four times within a second, and then gives up. Without
/// somebody at the door, every program that waits for a call would fail when the server is killed,
/// however soon it is back.
public final class DoorKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DoorKeeper.class);

  /// How long a farewell may take.
  private static final Duration LEAVES_WITHIN = Duration.ofSeconds(2);

  /// How long a keeper that was killed may take until it is gone.
  private static final Duration DIES_WITHIN = Duration.ofSeconds(20);

  private final Process process;
  private final Path note;

  private DoorKeeper(Process process, Path note) {
    this.process = process;
    this.note = note;
  }

  /// Starts one for the port that this process listens on.
  ///
  /// @param note where it is written down, for the next start
  public static DoorKeeper start(InetSocketAddress listen, Path note) {
    try {
      Process process =
          new ProcessBuilder(command(listen, note))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Files.writeString(note, process.pid() + "\n");
      return new DoorKeeper(process, note);
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the process that keeps the port does not start: " + e, e);
    }
  }

  /// The command line. Its standard input comes from the server: its end tells of the server's
  /// death, and a byte on it is the farewell.
  static List<String> command(InetSocketAddress listen, Path note) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx8m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        ownClasses().toString(),
        KeptPort.class.getName(),
        listen.getHostString(),
        String.valueOf(listen.getPort()),
        note.toString());
  }

  private static Path ownClasses() {
    try {
      return Path.of(KeptPort.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The keeper that an earlier life of the server left, if it is still there.
  public static Optional<ProcessHandle> findLeft(Path note) {
    try {
      return Files.exists(note)
          ? ProcessHandle.of(Long.parseLong(Files.readString(note).strip()))
              .filter(process -> isKeeper(process, note))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      log.warn("{} cannot be read: {}", note, e.getMessage());
      return Optional.empty();
    }
  }

  /// The number may belong to another process by now.
  private static boolean isKeeper(ProcessHandle process, Path note) {
    return process
        .info()
        .arguments()
        .map(List::of)
        .filter(words -> words.contains(KeptPort.class.getName()))
        .filter(words -> words.contains(note.toString()))
        .isPresent();
  }

  /// Sends it away.
  @Override
  public void close() {
    try (OutputStream farewell = process.getOutputStream()) {
      farewell.write('q');
    } catch (IOException e) {
      log.debug("the port's keeper had left: {}", e.getMessage());
    }
    try {
      if (!process.waitFor(LEAVES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        // On a busy machine it may not even have begun to listen. Who stops leaves nothing running.
        boolean gone =
            process.destroyForcibly().waitFor(DIES_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        if (!gone) {
          log.warn("the port's keeper, process {}, was killed and is still there", process.pid());
        }
      }
      Files.deleteIfExists(note);
    } catch (IOException e) {
      log.warn("{} cannot be deleted: {}", note, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
