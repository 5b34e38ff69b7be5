package dev.slipway.controlplane.storage;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/// Opens physical connections to wherever the server is at that moment.
final class PostgresDataSource implements DataSource {
  private static final String CONNECT_TIMEOUT_SECONDS = "5";

  /// How long a server may say nothing while it is asked something. Past it the connection counts
  /// as lost: a server that hangs is like one that is away. Longer than any statement takes.
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final Driver driver = new Driver();
  private final Supplier<DatabaseAddress> address;
  private final Duration silence;

  PostgresDataSource(Supplier<DatabaseAddress> address) {
    this(address, SILENCE);
  }

  /// @param silence in whole seconds
  PostgresDataSource(Supplier<DatabaseAddress> address, Duration silence) {
    this.address = address;
    this.silence = silence;
  }

  @Override
  public Connection getConnection() throws SQLException {
    DatabaseAddress current = address.get();
    return getConnection(current, current.user(), current.password());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection(address.get(), user, password);
  }

  private Connection getConnection(DatabaseAddress target, String user, String password)
      throws SQLException {
    Properties properties = new Properties();
    if (!user.isEmpty()) {
      properties.setProperty("user", user);
    }
    if (!password.isEmpty()) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "slipway");
    properties.setProperty("connectTimeout", CONNECT_TIMEOUT_SECONDS);
    properties.setProperty("socketTimeout", Long.toString(silence.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("reWriteBatchedInserts", "true");
    Connection connection = driver.connect(target.jdbcUrl(), properties);
    if (connection == null) {
      throw new SQLException("no PostgreSQL URL: " + target);
    }
    return connection;
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return Integer.parseInt(CONNECT_TIMEOUT_SECONDS);
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("java.util.logging is not used");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("nothing is wrapped here, asked for " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
