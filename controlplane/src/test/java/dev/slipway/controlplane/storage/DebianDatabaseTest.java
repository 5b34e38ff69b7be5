package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The contract against the PostgreSQL of the operating system, reached as an operator's own server
/// is: by URL. `./slipway test` installs it.
@Tag("integration")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DebianDatabaseTest extends DatabaseContract {
  private static final String PASSWORD = "p@ss:w/rd";

  private final AtomicInteger made = new AtomicInteger();
  private Process postmaster;
  private int port;

  @BeforeAll
  void start(@TempDir Path home) throws Exception {
    PostgresBinaries installed = new PostgresBinaries(newestInstalled());
    PostgresAccount account = PostgresAccount.current();
    Path password = Files.writeString(home.resolve("password"), PASSWORD + "\n");
    account.own(password);
    account.own(home);
    run(
        account.command(
            installed,
            home,
            "initdb",
            List.of(
                new PostgresAccount.Argument.Word("-D"),
                new PostgresAccount.Argument.InHome("cluster"),
                new PostgresAccount.Argument.Word("--username=operator"),
                new PostgresAccount.Argument.Word("--auth=scram-sha-256"),
                new PostgresAccount.Argument.Word("--pwfile"),
                new PostgresAccount.Argument.InHome("password"))));
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    postmaster =
        PostgresCluster.process(
                account.command(
                    installed,
                    home,
                    "postgres",
                    List.of(
                        new PostgresAccount.Argument.Word("-D"),
                        new PostgresAccount.Argument.InHome("cluster"),
                        new PostgresAccount.Argument.Word("-p"),
                        new PostgresAccount.Argument.Word(String.valueOf(port)),
                        new PostgresAccount.Argument.Word("-k"),
                        new PostgresAccount.Argument.Word(""))))
            .start();
    for (String line = postmaster.inputReader().readLine();
        !line.contains("ready to accept connections");
        line = postmaster.inputReader().readLine()) {
      assertThat(postmaster.isAlive()).as(line).isTrue();
    }
  }

  @AfterAll
  void stop() throws Exception {
    PostgresCluster.signal(postmaster.pid(), PostgresAccount.FAST_STOP);
    postmaster.waitFor();
  }

  @Test
  void theServerUnderTestIsNotTheEmbeddedOne() throws Exception {
    try (Database database = Database.open(emptyDatabase())) {
      String version =
          database
              .jdbi()
              .withHandle(
                  handle -> handle.createQuery("select version()").mapTo(String.class).one());
      assertThat(version).contains("Debian");
    }
  }

  @Override
  DatabaseAddress emptyDatabase() {
    String name = "empty_" + made.incrementAndGet();
    Jdbi.create(() -> new PostgresDataSource(() -> address("postgres")).getConnection())
        .useHandle(handle -> handle.execute("create database " + name));
    return address(name);
  }

  private DatabaseAddress address(String database) {
    return DatabaseAddress.parse(
        "postgresql://operator:p%40ss%3Aw%2Frd@127.0.0.1:" + port + "/" + database);
  }

  private static Path newestInstalled() throws IOException {
    Path versions = Path.of("/usr/lib/postgresql");
    assertThat(versions).as("Debian's package postgresql").isDirectory();
    try (Stream<Path> found = Files.list(versions)) {
      return found
          .max(Comparator.comparing(path -> Integer.parseInt(path.getFileName().toString())))
          .orElseThrow();
    }
  }

  private static void run(List<String> command) throws Exception {
    Process process = PostgresCluster.process(command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
