package dev.slipway.controlplane.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.slipway.model.SlipwayException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/// The one way to the database: a pool of connections and the migrations that bring its tables up
/// to date, the same for the embedded server and for one reached by URL.
///
/// Whatever goes through [#jdbi()] fails with [ErrorKind#UNAVAILABLE] and a reason when the server
/// is away or its disk is full, and works again by itself when it is back. Other failures stay
/// Jdbi's own exceptions: they are defects.
///
/// A virtual thread that is interrupted inside a statement loses its connection, as the JDK closes
/// the socket under it; the pool replaces it. What must not be torn so belongs on a thread that
/// nobody interrupts.
public final class Database implements AutoCloseable {
  /// Connections at most. More would only queue inside PostgreSQL: writers share group commits.
  public static final int MAX_CONNECTIONS = 16;

  /// Connections kept open when nothing happens.
  private static final int MIN_IDLE = 2;

  /// How long a caller waits for a connection before it is told that the database is away. Longer
  /// than a restart of the embedded server takes, so that short outages pass unnoticed.
  private static final Duration CONNECTION_WAIT = Duration.ofSeconds(5);

  private static final Duration MAX_CONNECTION_AGE = Duration.ofMinutes(30);

  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private Database(HikariDataSource pool, Jdbi jdbi) {
    this.pool = pool;
    this.jdbi = jdbi;
  }

  /// Brings the tables up to date and opens the pool.
  ///
  /// @param address asked at every new connection, because the embedded server may move to another
  ///   port when it restarts
  /// @throws SlipwayException UNAVAILABLE when the server cannot be reached or refuses us
  public static Database open(Supplier<DatabaseAddress> address) {
    PostgresDataSource source = new PostgresDataSource(address);
    Migrations.bringUpToDate(source);
    HikariConfig config = new HikariConfig();
    config.setPoolName("database");
    config.setDataSource(source);
    config.setMaximumPoolSize(MAX_CONNECTIONS);
    config.setMinimumIdle(MIN_IDLE);
    config.setConnectionTimeout(CONNECTION_WAIT.toMillis());
    config.setMaxLifetime(MAX_CONNECTION_AGE.toMillis());
    config.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
    // The migrations have just proven that the server is there.
    config.setInitializationFailTimeout(-1);
    HikariDataSource pool = new HikariDataSource(config);
    Jdbi jdbi =
        Jdbi.create(() -> connect(pool))
            .setTransactionHandler(new StorageFailures.InTransactions())
            .setSqlLogger(new StorageFailures.InStatements());
    return new Database(pool, jdbi);
  }

  /// [#open(Supplier)] for a server that never moves.
  public static Database open(DatabaseAddress address) {
    return open(() -> address);
  }

  private static Connection connect(HikariDataSource pool) {
    try {
      return pool.getConnection();
    } catch (SQLException e) {
      throw StorageFailures.unreachable(e);
    }
  }

  /// Entry to every statement.
  public Jdbi jdbi() {
    return jdbi;
  }

  /// The same connections for code that writes its own batches. It maps its own failures.
  DataSource dataSource() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
  }
}
