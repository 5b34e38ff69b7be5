package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of our own: started on a port of the loopback interface, watched, started again
/// when it dies, and stopped with us. It goes down with this process even when that is killed with
/// kill -9, and a successor waits until it has gone.
///
/// One thread starts the postmaster, reads what it says and waits for its end. It must be that same
/// thread for the whole time, and no virtual one: the kernel signals the child when the thread that
/// started it ends.
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("postgres");

  private static final String READY = "database system is ready to accept connections";
  private static final Duration START_LIMIT = Duration.ofMinutes(10);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  /// Attempts of a first start, for what passes by itself: a port just taken, a dying predecessor.
  private static final int START_ATTEMPTS = 20;

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /// Lines of the server's output that a failure can quote.
  private static final int REMEMBERED_LINES = 20;

  private final PostgresCluster cluster;
  private final CompletableFuture<@Nullable Void> firstReady = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();
  private final Thread supervisor;
  private boolean closing;
  private @Nullable Process postmaster;
  private volatile int port;

  private EmbeddedPostgres(PostgresCluster cluster) {
    this.cluster = cluster;
    this.supervisor =
        Thread.ofPlatform().name("postgres-supervisor").daemon().unstarted(this::supervise);
  }

  /// Starts the server and returns when it accepts connections.
  ///
  /// @param home directory of the cluster; made on first use
  /// @param binaries directory below which PostgreSQL's programs are unpacked once
  /// @throws SlipwayException UNAVAILABLE with the server's own words when it does not start
  public static EmbeddedPostgres start(Path home, Path binaries) {
    PostgresCluster cluster = PostgresCluster.open(home, PostgresBinaries.unpack(binaries));
    EmbeddedPostgres server = new EmbeddedPostgres(cluster);
    server.supervisor.start();
    try {
      server.firstReady.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return server;
    } catch (ExecutionException | TimeoutException | InterruptedException e) {
      server.close();
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw e.getCause() instanceof SlipwayException known
          ? known
          : new SlipwayException(
              ErrorKind.UNAVAILABLE, "the embedded PostgreSQL did not start: " + e, e);
    }
  }

  /// Where the server is now; it can change with every restart.
  public DatabaseAddress address() {
    return address("postgres");
  }

  /// [#address()] of another database in the same server.
  public DatabaseAddress address(String database) {
    return new DatabaseAddress(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable",
        PostgresCluster.USER,
        cluster.password());
  }

  /// Process id of the postmaster that runs now.
  ///
  /// @throws SlipwayException UNAVAILABLE between two starts
  public long requirePid() {
    lock.lock();
    try {
      if (postmaster == null || !postmaster.isAlive()) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE, "the embedded PostgreSQL is not running at the moment");
      }
      return postmaster.pid();
    } finally {
      lock.unlock();
    }
  }

  /// Ends all sessions, writes everything to disk and returns when the process has gone.
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      closed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      stop(PostgresAccount.FAST_STOP);
      if (!supervisor.join(STOP_LIMIT)) {
        LOG.warn("No fast stop within {} s, stopping at once", STOP_LIMIT.toSeconds());
        stop("QUIT");
        supervisor.join(STOP_LIMIT);
      }
    } catch (IOException e) {
      LOG.warn("PostgreSQL could not be told to stop; it will stop with this process", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop(String signal) throws IOException, InterruptedException {
    lock.lock();
    try {
      if (postmaster != null && postmaster.isAlive()) {
        PostgresCluster.signal(postmaster.pid(), signal);
      }
    } finally {
      lock.unlock();
    }
  }

  private void supervise() {
    Duration pause = SHORTEST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      Deque<String> lastWords = new ArrayDeque<>();
      boolean ready = false;
      try {
        cluster.awaitPredecessor();
        Process process = spawn();
        if (process == null) {
          return;
        }
        ready = follow(process, lastWords);
        process.waitFor();
      } catch (IOException | InterruptedException | SlipwayException e) {
        lastWords.add(String.valueOf(e.getMessage()));
      }
      if (!firstReady.isDone() && (attempt == START_ATTEMPTS || !passesByItself(lastWords))) {
        firstReady.completeExceptionally(
            new SlipwayException(
                ErrorKind.UNAVAILABLE,
                "the embedded PostgreSQL did not start: " + reason(lastWords)));
        return;
      }
      pause = ready ? SHORTEST_PAUSE : doubled(pause);
      if (closesWithin(pause)) {
        return;
      }
      LOG.warn("PostgreSQL ended ({}), starting it again", reason(lastWords));
    }
  }

  private static Duration doubled(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  private @Nullable Process spawn() throws IOException {
    lock.lock();
    try {
      if (closing) {
        return null;
      }
      port = freePort(port);
      postmaster = PostgresCluster.process(cluster.serveCommand(port)).start();
      return postmaster;
    } finally {
      lock.unlock();
    }
  }

  /// The port of last time when it is still free, else another one.
  private static int freePort(int preferred) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket probe = new ServerSocket(preferred, 1, loopback)) {
      return probe.getLocalPort();
    } catch (IOException taken) {
      try (ServerSocket probe = new ServerSocket(0, 1, loopback)) {
        return probe.getLocalPort();
      }
    }
  }

  /// Reads the server's output until its end.
  ///
  /// @return whether it accepted connections meanwhile
  private boolean follow(Process process, Deque<String> lastWords) throws IOException {
    boolean ready = false;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (isTrouble(line)) {
          LOG.warn("{}", line);
        } else {
          LOG.debug("{}", line);
        }
        if (lastWords.size() == REMEMBERED_LINES) {
          lastWords.removeFirst();
        }
        lastWords.add(line);
        if (line.contains(READY)) {
          ready = true;
          firstReady.complete(null);
        }
      }
    }
    return ready;
  }

  /// Sessions that a stop ends are fatal only to themselves.
  private static boolean isTrouble(String line) {
    return line.startsWith("PANIC:")
        || (line.startsWith("FATAL:") && !line.contains("due to administrator command"));
  }

  private boolean closesWithin(Duration pause) {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (!closing && left > 0) {
        left = closed.awaitNanos(left);
      }
      return closing;
    } catch (InterruptedException e) {
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static boolean passesByItself(Deque<String> lastWords) {
    return lastWords.stream()
        .anyMatch(line ->
            line.contains("postmaster.pid")
                || line.contains("shared memory block")
                || line.contains("Address already in use"));
  }

  private static String reason(Deque<String> lastWords) {
    return lastWords.stream()
        .filter(line -> line.startsWith("FATAL:") || line.startsWith("PANIC:"))
        .reduce((first, second) -> second)
        .orElse(lastWords.isEmpty() ? "it said nothing" : lastWords.getLast());
  }
}
