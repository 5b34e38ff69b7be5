package dev.slipway.controlplane.storage;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Logger;
import javax.sql.DataSource;

/// Hands out the connections of another source, unless a test holds them up or refuses them.
public final class GatedDataSource implements DataSource {
  private final DataSource real;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean shut;
  private int knocking;
  private int refusals;
  private int connections;

  public GatedDataSource(DataSource real) {
    this.real = real;
  }

  /// From now on whoever asks for a connection waits.
  public void shut() {
    set(() -> shut = true);
  }

  public void open() {
    set(() -> shut = false);
  }

  /// The next so many are told that the database is away.
  public void refuse(int times) {
    set(() -> refusals = times);
  }

  /// How often a connection was asked for.
  public int connections() {
    lock.lock();
    try {
      return connections;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until somebody stands before the shut gate.
  public void awaitKnock() throws InterruptedException {
    lock.lock();
    try {
      while (knocking == 0) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void set(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    lock.lock();
    try {
      connections++;
      if (refusals > 0) {
        refusals--;
        throw new SQLTransientConnectionException("the test keeps the database away");
      }
      knocking++;
      changed.signalAll();
      while (shut) {
        changed.awaitUninterruptibly();
      }
      knocking--;
    } finally {
      lock.unlock();
    }
    return real.getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return real.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    real.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    real.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return real.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return real.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return real.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return real.isWrapperFor(type);
  }
}
