package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries the writes of many callers in one transaction: while one commit waits for the disk, the
/// writes that arrive form the next. Each caller returns only when its own rows are durable.
///
/// Rows of equal SQL are sent as one batch, so statements of one write must not depend on each
/// other's order. When a transaction fails because of a single write, the writes are repeated one
/// by one, so that nobody fails for a neighbour's fault.
///
/// When the connection is lost nobody knows whether a transaction took effect: it is repeated once
/// the server is back, so a row must do the same when it is carried out twice. A caller whose write
/// was not taken up in time takes it back; one whose write is under way waits for the outcome, also
/// when it is interrupted: nothing is written behind the back of a caller that was told it failed,
/// except where the database stayed away to the end.
public final class GroupCommit implements AutoCloseable {
  /// Most writes that wait for a commit; more callers than that wait for a place.
  static final int MAX_WAITING_WRITES = 10_000;

  /// Most rows of one transaction.
  static final int MAX_ROWS_PER_COMMIT = 5_000;

  /// How long a caller waits for its turn before it is told that the database is away.
  static final Duration MAX_WAIT = Duration.ofSeconds(30);

  /// How long a transaction is repeated while the database is away. A restart of the embedded
  /// server takes a few seconds.
  static final Duration OUTAGE_PATIENCE = Duration.ofSeconds(25);

  private static final Duration REPEAT_PAUSE = Duration.ofMillis(100);

  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  /// Where a write is. It leaves [#WAITING] once, for one of the others.
  private enum Stage {
    WAITING,
    UNDER_WAY,
    TAKEN_BACK
  }

  private record Write(List<Row> rows, CompletableFuture<Void> done, AtomicReference<Stage> stage) {
    boolean takeUp() {
      return stage.compareAndSet(Stage.WAITING, Stage.UNDER_WAY);
    }

    boolean takeBack() {
      return stage.compareAndSet(Stage.WAITING, Stage.TAKEN_BACK);
    }
  }

  private final DataSource dataSource;
  private final Duration outagePatience;
  private final BlockingQueue<Write> waiting = new ArrayBlockingQueue<>(MAX_WAITING_WRITES);
  private final Thread writer;
  private volatile boolean closed;

  public GroupCommit(Database database) {
    this(database.dataSource(), OUTAGE_PATIENCE);
  }

  GroupCommit(DataSource dataSource, Duration outagePatience) {
    this.dataSource = dataSource;
    this.outagePatience = outagePatience;
    this.writer = Thread.ofPlatform().name("group-commit").daemon().start(this::run);
  }

  /// Writes the rows and returns when they are durable.
  ///
  /// @throws SlipwayException UNAVAILABLE when the database cannot take them
  public void commit(List<Row> rows) {
    Write write = enqueue(rows);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          await(write);
          return;
        } catch (InterruptedException e) {
          interrupted = true;
          if (write.takeBack()) {
            throw new SlipwayException(ErrorKind.UNAVAILABLE, "interrupted while writing", e);
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void await(Write write) throws InterruptedException {
    try {
      try {
        write.done().get(MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (write.takeBack()) {
          throw new SlipwayException(
              ErrorKind.UNAVAILABLE,
              "the database did not take a write within " + MAX_WAIT.toSeconds() + " s",
              e);
        }
        // It is under way, and the writer's own patience ends.
        write.done().get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SlipwayException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  public void commit(Row... rows) {
    commit(List.of(rows));
  }

  /// Writes the rows some time soon; for what may be lost or repeated without harm.
  public void later(List<Row> rows) {
    enqueue(rows)
        .done()
        .exceptionally(failure -> {
          log.warn("a deferred write failed: {}", failure.getMessage());
          return null;
        });
  }

  public void later(Row... rows) {
    later(List.of(rows));
  }

  int waitingWrites() {
    return waiting.size();
  }

  private Write enqueue(List<Row> rows) {
    if (closed) {
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "the server is stopping");
    }
    Write write =
        new Write(
            List.copyOf(rows), new CompletableFuture<>(), new AtomicReference<>(Stage.WAITING));
    try {
      if (!waiting.offer(write, MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE, MAX_WAITING_WRITES + " writes wait for the database already");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "interrupted while writing", e);
    }
    return write;
  }

  private void run() {
    List<Write> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      try {
        // The only long wait of this thread; close() ends it by an interrupt.
        Write first = closed ? waiting.poll() : waiting.take();
        if (first == null) {
          return;
        }
        collect(first, batch);
      } catch (InterruptedException e) {
        continue;
      }
      flush(batch);
    }
  }

  private void collect(Write first, List<Write> batch) {
    int rows = 0;
    Write next = first;
    while (next != null) {
      if (next.takeUp()) {
        batch.add(next);
        rows += next.rows().size();
      }
      next = rows < MAX_ROWS_PER_COMMIT ? waiting.poll() : null;
    }
  }

  private void flush(List<Write> batch) {
    try {
      writePatiently(batch);
      batch.forEach(w -> w.done().complete(null));
    } catch (SQLException e) {
      if (batch.size() == 1 || StorageFailures.away(e)) {
        batch.forEach(w -> w.done().completeExceptionally(failure(e)));
      } else {
        log.debug("{} writes failed together, repeating them one by one", batch.size(), e);
        List.copyOf(batch).forEach(w -> flush(List.of(w)));
      }
    } catch (RuntimeException e) {
      batch.forEach(w -> w.done().completeExceptionally(e));
    }
  }

  /// Repeats the transaction while the database is away, for a while.
  private void writePatiently(List<Write> batch) throws SQLException {
    long end = System.nanoTime() + outagePatience.toNanos();
    while (true) {
      try {
        write(batch);
        return;
      } catch (SQLException e) {
        if (!StorageFailures.away(e) || closed || System.nanoTime() >= end) {
          throw e;
        }
        log.debug("the database is away, {} writes wait for it", batch.size(), e);
      }
      try {
        Thread.sleep(REPEAT_PAUSE);
      } catch (InterruptedException e) {
        // close() asks: one more try, and no further one.
      }
    }
  }

  private void write(List<Write> batch) throws SQLException {
    Map<String, List<Row>> bySql = new LinkedHashMap<>();
    for (Write write : batch) {
      for (Row row : write.rows()) {
        bySql.computeIfAbsent(row.sql(), sql -> new ArrayList<>()).add(row);
      }
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        for (Map.Entry<String, List<Row>> entry : bySql.entrySet()) {
          execute(connection, entry.getKey(), entry.getValue());
        }
        connection.commit();
      } catch (SQLException e) {
        rollback(connection);
        throw e;
      }
    }
  }

  private static void execute(Connection connection, String sql, List<Row> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Row row : rows) {
        for (int i = 0; i < row.parameters().size(); i++) {
          statement.setObject(i + 1, row.parameters().get(i));
        }
        if (rows.size() > 1) {
          statement.addBatch();
        }
      }
      if (rows.size() > 1) {
        statement.executeBatch();
      } else {
        statement.execute();
      }
    }
  }

  private static void rollback(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      log.debug("rollback failed", e);
    }
  }

  private static SlipwayException failure(SQLException e) {
    return StorageFailures.find(e)
        .orElseGet(() ->
            new SlipwayException(
                ErrorKind.UNAVAILABLE, "the database refused a write: " + e.getMessage(), e));
  }

  @Override
  public void close() {
    closed = true;
    writer.interrupt();
    try {
      writer.join(MAX_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
