package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.Line;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import dev.slipway.testkit.Slipway;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a process: its output, its exit statuses, its signals.
@Tag("integration")
class CommandLineTest {
  /// An address where nothing listens; what is tested with it is refused before it is used.
  private static final String FREE = "127.0.0.1:1";

  @TempDir Path parent;

  @Test
  void aStoppedServerEndsWithStatusZeroAndItsSuccessorFindsTheSameToken() {
    try (Slipway server = Slipway.start(parent.resolve("data"), Map.of())) {
      Map<String, String> first = server.exports();
      assertThat(first)
          .containsEntry("MODAL_SERVER_URL", server.url())
          .containsKeys("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET");
      server.stop(Signal.TERM);
      server.start();
      assertThat(server.exports()).isEqualTo(first);
      server.stop(Signal.INT);
      assertThat(server.log().lines())
          .filteredOn(line -> line.stream() == Line.Stream.OUT)
          .extracting(Line::text)
          .containsExactly("slipway ready " + server.url());
      assertThat(server.log().find("worker local has left")).isPresent();
      assertThat(server.log().find("to come back")).as("nothing that alarms").isEmpty();
    }
  }

  @Test
  void aRehearsalServesItsCallsAndEnds() {
    Path data = parent.resolve("data");
    Run rehearsal =
        Slipway.command(
                "rehearse",
                "--data",
                data.toString(),
                "--listen",
                "127.0.0.1:" + Slipway.freePort())
            .succeeded();
    // The first start of the two has containers' worker, the second the one that plays.
    assertThat(rehearsal.out())
        .containsOnlyOnce("slipway rehearsed")
        .containsPattern(
            "slipway rehearsed [1-9]\\d* programs, [1-9]\\d* calls and [1-9]\\d* inputs of maps");
    assertThat(rehearsal.err()).doesNotContain("ERROR", "Exception");
  }

  @Test
  void aKilledServerLeavesADirectoryThatTheNextOneTakes() {
    try (Slipway server = Slipway.start(parent.resolve("data"), Map.of())) {
      Map<String, String> first = server.exports();
      server.kill();
      server.start();
      assertThat(server.exports()).isEqualTo(first);
      server.stop(Signal.TERM);
    }
  }

  @Test
  void aSecondServerOnTheSameDataIsRefused() {
    Path data = parent.resolve("data");
    try (Slipway server = Slipway.start(data, Map.of())) {
      Run second = up("--listen", FREE);
      assertThat(second.err()).contains("in use by process " + server.pid());
      assertThat(second.status()).isEqualTo(ExitStatus.DATA_IN_USE.code());
    }
  }

  @Test
  void aTakenPortIsRefusedBeforeTheDataDirectoryIsMade() throws Exception {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String taken = "127.0.0.1:" + holder.getLocalPort();
      Run run = up("--listen", taken);
      assertThat(run.err()).contains("cannot listen on " + taken);
      assertThat(run.status()).isEqualTo(ExitStatus.PORT_TAKEN.code());
      assertThat(parent.resolve("data")).doesNotExist();
    }
  }

  @Test
  void anUnreachableDatabaseAndAWrongUrlAreRefusedWithoutThePassword() {
    Run away = up("--listen", FREE, "--database", "postgresql://me:secret@127.0.0.1:1/none");
    assertThat(away.status()).isEqualTo(ExitStatus.DATABASE_UNAVAILABLE.code());
    assertThat(away.err()).contains("database cannot be reached").doesNotContain("secret");
    Run wrong = up("--listen", FREE, "--database", "mysql://me:secret@db/none");
    assertThat(wrong.status()).isEqualTo(ExitStatus.FAILED.code());
    assertThat(wrong.err()).contains("expected postgresql://").doesNotContain("secret");
  }

  @Test
  void aMistakeOnTheCommandLineShowsTheUsage() {
    Run run = up("--listen", "here");
    assertThat(run.status()).isEqualTo(ExitStatus.USAGE.code());
    assertThat(run.err()).contains("'here' is no address").contains("Usage: slipway up");
  }

  private Run up(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("up", "--data", parent.resolve("data").toString()));
    arguments.addAll(List.of(more));
    return Slipway.command(arguments.toArray(String[]::new));
  }
}
