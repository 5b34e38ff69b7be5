package dev.slipway.controlplane.storage;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of the embedded PostgreSQL: made once, with a password that nobody else knows, and
/// served by one postmaster at a time.
final class PostgresCluster {
  static final String USER = "slipway";

  private static final Logger LOG = LoggerFactory.getLogger(PostgresCluster.class);
  private static final String CLUSTER = "cluster";
  private static final String UNFINISHED = "cluster.unfinished";
  private static final String PASSWORD = "password";
  private static final int PASSWORD_BYTES = 24;
  private static final Duration INITDB_LIMIT = Duration.ofMinutes(5);

  /// How long a postmaster of an earlier life may take to write its memory to disk and leave.
  private static final Duration PREDECESSOR_LIMIT = Duration.ofMinutes(2);

  /// For a small machine that also runs containers. Durability is never traded: `fsync`,
  /// `synchronous_commit` and `full_page_writes` stay on.
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("listen_addresses", "127.0.0.1"),
          Map.entry("unix_socket_directories", ""),
          Map.entry("fsync", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("full_page_writes", "on"),
          // The pool, and room for an operator who looks around.
          Map.entry("max_connections", String.valueOf(Database.MAX_CONNECTIONS * 2)),
          Map.entry("shared_buffers", "128MB"),
          Map.entry("wal_buffers", "8MB"),
          // Bursts of inputs and logs fit between two checkpoints.
          Map.entry("max_wal_size", "1GB"),
          Map.entry("checkpoint_timeout", "15min"),
          Map.entry("wal_compression", "pglz"),
          // No standby and no archive: less is written per transaction.
          Map.entry("wal_level", "minimal"),
          Map.entry("max_wal_senders", "0"),
          // Two cores: one process per session, none beside it.
          Map.entry("io_method", "sync"),
          Map.entry("max_parallel_workers_per_gather", "0"),
          Map.entry("max_parallel_maintenance_workers", "0"),
          Map.entry("max_worker_processes", "2"),
          Map.entry("max_logical_replication_workers", "0"),
          Map.entry("jit", "off"),
          Map.entry("random_page_cost", "1.1"),
          Map.entry("log_line_prefix", ""),
          Map.entry("log_checkpoints", "off"),
          Map.entry("lc_messages", "C"),
          Map.entry("timezone", "UTC"));

  private final Path home;
  private final PostgresBinaries binaries;
  private final PostgresAccount account;
  private final String password;

  private PostgresCluster(
      Path home, PostgresBinaries binaries, PostgresAccount account, String password) {
    this.home = home;
    this.binaries = binaries;
    this.account = account;
    this.password = password;
  }

  /// Opens the cluster below `home`, and makes it first when there is none.
  static PostgresCluster open(Path home, PostgresBinaries binaries) {
    try {
      Files.createDirectories(home);
      Path real = home.toRealPath();
      PostgresAccount account = PostgresAccount.current();
      account.admit(real);
      Path passwordFile = real.resolve(PASSWORD);
      if (!Files.isDirectory(real.resolve(CLUSTER))) {
        initialize(real, binaries, account, passwordFile);
      }
      requireVersion(real);
      return new PostgresCluster(real, binaries, account, Files.readString(passwordFile).strip());
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the database's directory " + home + " cannot be used: " + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "interrupted while the database was made", e);
    }
  }

  String password() {
    return password;
  }

  /// The command that serves the cluster. Its process id is the postmaster's.
  List<String> serveCommand(int port) {
    List<PostgresAccount.Argument> arguments = new ArrayList<>();
    arguments.add(new PostgresAccount.Argument.Word("-D"));
    arguments.add(new PostgresAccount.Argument.InHome(CLUSTER));
    arguments.add(new PostgresAccount.Argument.Word("-p"));
    arguments.add(new PostgresAccount.Argument.Word(String.valueOf(port)));
    SETTINGS.forEach((name, value) -> {
      arguments.add(new PostgresAccount.Argument.Word("-c"));
      arguments.add(new PostgresAccount.Argument.Word(name + "=" + value));
    });
    return account.command(binaries, home, "postgres", arguments);
  }

  /// A child's environment: nothing of ours, so that no variable of the user changes the database.
  static ProcessBuilder process(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL", "C",
                "TZ", "UTC"));
    return builder;
  }

  /// Waits until a postmaster that an earlier server left behind has gone: after a kill -9 it is
  /// still writing its memory to disk. A process id that now belongs to some other program is
  /// forgotten.
  void awaitPredecessor() throws IOException, InterruptedException {
    Path pidFile = home.resolve(CLUSTER).resolve("postmaster.pid");
    OptionalLong pid = firstNumber(pidFile);
    if (pid.isEmpty()) {
      return;
    }
    ProcessHandle predecessor = ProcessHandle.of(pid.getAsLong()).orElse(null);
    if (predecessor == null) {
      return;
    }
    if (!worksHere(pid.getAsLong())) {
      LOG.info("Process {} took over the number of an earlier postmaster", pid.getAsLong());
      Files.deleteIfExists(pidFile);
      return;
    }
    LOG.info("Waiting for process {}, a postmaster left by an earlier server", pid.getAsLong());
    signal(pid.getAsLong(), PostgresAccount.FAST_STOP);
    try {
      predecessor.onExit().get(PREDECESSOR_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "a PostgreSQL left by an earlier server (process "
              + pid.getAsLong()
              + ") does not stop within "
              + PREDECESSOR_LIMIT.toSeconds()
              + " s",
          e);
    }
  }

  /// Sends a signal that Java has no method for.
  static void signal(long pid, String name) throws IOException, InterruptedException {
    process(List.of("kill", "-" + name, String.valueOf(pid))).start().waitFor();
  }

  private boolean worksHere(long pid) {
    try {
      // The link resolves to the directory itself even through another mount namespace.
      return Files.isSameFile(Path.of("/proc/" + pid + "/cwd"), home.resolve(CLUSTER));
    } catch (IOException e) {
      return false;
    }
  }

  private static OptionalLong firstNumber(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return OptionalLong.empty();
    }
    String first = Files.readString(file).lines().findFirst().orElse("").strip();
    return first.matches("[0-9]{1,10}")
        ? OptionalLong.of(Long.parseLong(first))
        : OptionalLong.empty();
  }

  private static void requireVersion(Path home) throws IOException {
    String found = Files.readString(home.resolve(CLUSTER).resolve("PG_VERSION")).strip();
    if (!found.equals(String.valueOf(PostgresBinaries.MAJOR_VERSION))) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          home.resolve(CLUSTER)
              + " was made by PostgreSQL "
              + found
              + ", this server brings "
              + PostgresBinaries.MAJOR_VERSION
              + ": upgrade it with pg_upgrade, or use another data directory");
    }
  }

  private static void initialize(
      Path home, PostgresBinaries binaries, PostgresAccount account, Path passwordFile)
      throws IOException, InterruptedException {
    Path unfinished = home.resolve(UNFINISHED);
    Trees.delete(unfinished);
    var privately =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectory(unfinished, privately);
    account.own(unfinished);
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    // initdb reads it as the unprivileged user, from a file.
    Path handedOver = home.resolve("password.unfinished");
    writePrivately(handedOver, password);
    writePrivately(passwordFile, password);
    account.own(handedOver);
    List<PostgresAccount.Argument> arguments = new ArrayList<>();
    arguments.add(new PostgresAccount.Argument.Word("-D"));
    arguments.add(new PostgresAccount.Argument.InHome(UNFINISHED));
    arguments.add(new PostgresAccount.Argument.Word("--pwfile"));
    arguments.add(new PostgresAccount.Argument.InHome(handedOver.getFileName().toString()));
    for (String word :
        List.of(
            "--username=" + USER,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions")) {
      arguments.add(new PostgresAccount.Argument.Word(word));
    }
    run(account.command(binaries, home, "initdb", arguments));
    Files.delete(handedOver);
    Files.move(unfinished, home.resolve(CLUSTER), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writePrivately(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text + "\n");
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = process(command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(INITDB_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IOException("initdb did not end within " + INITDB_LIMIT.toMinutes() + " minutes");
    }
    if (process.exitValue() != 0) {
      throw new IOException("initdb failed: " + output.strip());
    }
  }
}
