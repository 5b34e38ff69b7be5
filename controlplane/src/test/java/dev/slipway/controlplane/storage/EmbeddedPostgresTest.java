package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class EmbeddedPostgresTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void whatWasStoredIsThereAfterAStopAndAStart(@TempDir Path home) {
    try (EmbeddedPostgres server = start(home)) {
      admin(server).useHandle(handle -> handle.execute("create table t as select 42 as n"));
    }
    try (EmbeddedPostgres server = start(home)) {
      assertThat(number(admin(server))).isEqualTo(42);
    }
  }

  @Test
  void aStopLeavesNoProcess(@TempDir Path home) {
    EmbeddedPostgres server = start(home);
    ProcessHandle postmaster = ProcessHandle.of(server.requirePid()).orElseThrow();
    server.close();
    assertThat(postmaster.isAlive()).isFalse();
    assertThat(home.resolve("cluster/postmaster.pid")).doesNotExist();
  }

  @Test
  void aDirectoryThatIsClosedToOthersIsServedAsWell(@TempDir Path parent) throws Exception {
    Path closed =
        Files.createDirectory(
            parent.resolve("closed"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (EmbeddedPostgres server = start(closed.resolve("home"))) {
      admin(server).useHandle(handle -> handle.execute("create table t as select 1 as n"));
    }
    try (EmbeddedPostgres server = start(closed.resolve("home"))) {
      assertThat(number(admin(server))).isEqualTo(1);
    }
  }

  @Test
  void whenPostgresIsKilledCallsAreUnavailableAndServiceResumesByItself(@TempDir Path home)
      throws Exception {
    try (EmbeddedPostgres server = start(home);
        Database database = Database.open(server::address)) {
      database.jdbi().useHandle(handle -> handle.execute("create table t as select 42 as n"));
      long before = server.requirePid();
      assertThatThrownBy(() ->
              database
                  .jdbi()
                  .useTransaction(handle -> {
                    handle.execute("select 1");
                    killAndWait(before);
                    // Sessions outlive their postmaster by a moment.
                    handle.execute("select pg_sleep(20)");
                  }))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
      assertThat(eventually(database)).isEqualTo(42);
      assertThat(server.requirePid()).isNotEqualTo(before);
    }
  }

  @Test
  void aServerThatWasKilledLeavesADatabaseThatTheNextOneServes(@TempDir Path home)
      throws Exception {
    Process life =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OneLife.class.getName(),
                home.toString(),
                DatabaseFixture.binaries().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // On a slow machine the server's own log says something first.
    String stored =
        life.inputReader()
            .lines()
            .filter(line -> line.startsWith("stored "))
            .findFirst()
            .orElseThrow();
    ProcessHandle postmaster =
        ProcessHandle.of(Long.parseLong(stored.substring("stored ".length()))).orElseThrow();
    killAndWait(life.pid());
    // At once: the old postmaster is still on its way out.
    try (EmbeddedPostgres server = start(home)) {
      assertThat(runs(postmaster)).isFalse();
      assertThat(number(admin(server))).isEqualTo(42);
    }
  }

  @Test
  void aStalePidFileOfAnotherProgramDoesNotStopTheStart(@TempDir Path home) throws Exception {
    start(home).close();
    Path pidFile = home.resolve("cluster/postmaster.pid");
    Files.writeString(pidFile, ProcessHandle.current().pid() + "\n" + home + "\n");
    try (EmbeddedPostgres server = start(home)) {
      assertThat(server.requirePid()).isPositive();
    }
  }

  @Test
  void aClusterOfAnotherMajorVersionIsRefusedWithWhatToDo(@TempDir Path home) throws Exception {
    start(home).close();
    Files.writeString(home.resolve("cluster/PG_VERSION"), "15\n");
    assertThatThrownBy(() -> start(home))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
              assertThat(failure).hasMessageContaining("15").hasMessageContaining("pg_upgrade");
            });
  }

  @Test
  void aDamagedClusterIsRefusedWithPostgresOwnWords(@TempDir Path home) throws Exception {
    start(home).close();
    Files.delete(home.resolve("cluster/global/pg_control"));
    Instant began = Instant.now();
    assertThatThrownBy(() -> start(home))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("pg_control");
    assertThat(Duration.between(began, Instant.now())).isLessThan(PATIENCE);
  }

  @Test
  void anInterruptedFirstStartIsRepeatedFromScratch(@TempDir Path home) throws Exception {
    Path unfinished = Files.createDirectories(home.resolve("cluster.unfinished/base"));
    Files.writeString(unfinished.resolve("half"), "of a file");
    try (EmbeddedPostgres server = start(home)) {
      assertThat(server.requirePid()).isPositive();
    }
    assertThat(home.resolve("cluster.unfinished")).doesNotExist();
  }

  /// The server process that the kill -9 test kills.
  static final class OneLife {
    private OneLife() {}

    public static void main(String[] arguments) throws Exception {
      EmbeddedPostgres server =
          EmbeddedPostgres.start(Path.of(arguments[0]), Path.of(arguments[1]));
      admin(server).useHandle(handle -> handle.execute("create table t as select 42 as n"));
      System.out.println("stored " + server.requirePid());
      Thread.sleep(Duration.ofMinutes(5));
    }
  }

  /// Whether a process still does anything. One that ended after its parent keeps its number until
  /// the machine's first process takes note, which can be a while.
  private static boolean runs(ProcessHandle process) {
    try {
      String line = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
      // The state follows the name, which is in brackets and may hold brackets itself.
      return line.charAt(line.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  private static EmbeddedPostgres start(Path home) {
    return EmbeddedPostgres.start(home, DatabaseFixture.binaries());
  }

  private static Jdbi admin(EmbeddedPostgres server) {
    return Jdbi.create(() -> new PostgresDataSource(server::address).getConnection());
  }

  private static int number(Jdbi jdbi) {
    return jdbi.withHandle(
        handle -> handle.createQuery("select n from t").mapTo(Integer.class).one());
  }

  private static void killAndWait(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    assertThat(process.destroyForcibly()).isTrue();
    process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static int eventually(Database database) {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        return number(database.jdbi());
      } catch (SlipwayException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(Instant.now()).isBefore(deadline);
      }
    }
  }
}
