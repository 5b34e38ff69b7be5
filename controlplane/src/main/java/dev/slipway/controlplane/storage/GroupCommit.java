package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries the writes of many callers in one transaction: while one commit waits for the disk, the
/// writes that arrive form the next. Each caller returns only when its own rows are durable.
///
/// Rows of equal SQL are sent as one batch, so statements of one write must not depend on each
/// other's order. When a transaction fails because of a single write, the writes are repeated one
/// by one, so that nobody fails for a neighbour's fault.
public final class GroupCommit implements AutoCloseable {
  /// Most writes that wait for a commit; more callers than that wait for a place.
  static final int MAX_WAITING_WRITES = 10_000;

  /// Most rows of one transaction.
  static final int MAX_ROWS_PER_COMMIT = 5_000;

  /// How long a caller waits for its rows before it is told that the database is away.
  static final int MAX_WAIT_SECONDS = 30;

  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  private record Write(List<Row> rows, CompletableFuture<Void> done) {}

  private final DataSource dataSource;
  private final BlockingQueue<Write> waiting = new ArrayBlockingQueue<>(MAX_WAITING_WRITES);
  private final Thread writer;
  private volatile boolean closed;

  public GroupCommit(Database database) {
    this.dataSource = database.dataSource();
    this.writer = Thread.ofPlatform().name("group-commit").daemon().start(this::run);
  }

  /// Writes the rows and returns when they are durable.
  ///
  /// @throws SlipwayException UNAVAILABLE when the database cannot take them
  public void commit(List<Row> rows) {
    CompletableFuture<Void> done = enqueue(rows);
    try {
      done.get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SlipwayException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the database did not take a write within " + MAX_WAIT_SECONDS + " s",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "interrupted while writing", e);
    }
  }

  public void commit(Row... rows) {
    commit(List.of(rows));
  }

  /// Writes the rows some time soon; for what may be lost or repeated without harm.
  public void later(List<Row> rows) {
    enqueue(rows)
        .exceptionally(failure -> {
          log.warn("a deferred write failed: {}", failure.getMessage());
          return null;
        });
  }

  private CompletableFuture<Void> enqueue(List<Row> rows) {
    if (closed) {
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "the server is stopping");
    }
    Write write = new Write(List.copyOf(rows), new CompletableFuture<>());
    try {
      if (!waiting.offer(write, MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE, MAX_WAITING_WRITES + " writes wait for the database already");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "interrupted while writing", e);
    }
    return write.done();
  }

  private void run() {
    List<Write> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      try {
        // The only wait of this thread; close() ends it by an interrupt.
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
    batch.add(first);
    int rows = first.rows().size();
    Write next;
    while (rows < MAX_ROWS_PER_COMMIT && (next = waiting.poll()) != null) {
      batch.add(next);
      rows += next.rows().size();
    }
  }

  private void flush(List<Write> batch) {
    try {
      write(batch);
      batch.forEach(w -> w.done().complete(null));
    } catch (SQLException e) {
      if (batch.size() == 1) {
        batch.getFirst().done().completeExceptionally(failure(e));
      } else {
        log.debug("{} writes failed together, repeating them one by one", batch.size(), e);
        List.copyOf(batch).forEach(w -> flush(List.of(w)));
      }
    } catch (RuntimeException e) {
      batch.forEach(w -> w.done().completeExceptionally(e));
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
      writer.join(TimeUnit.SECONDS.toMillis(MAX_WAIT_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
