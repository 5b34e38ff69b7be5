package dev.slipway.images.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Ends a read from the network that makes no progress for too long.
public final class StallGuard extends FilterInputStream {
  private final Duration most;
  private final String host;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private volatile long progressAt = System.nanoTime();
  private volatile boolean stalled;
  private boolean closed;

  /// @param most how long it may pause
  /// @param host for the message
  public StallGuard(InputStream body, Duration most, String host) {
    super(body);
    this.most = most;
    this.host = host;
    Thread.ofVirtual().name("stall guard of " + host).start(this::watch);
  }

  private void watch() {
    lock.lock();
    try {
      while (!closed) {
        long left = progressAt + most.toNanos() - System.nanoTime();
        if (left <= 0) {
          stalled = true;
          in.close(); // wakes the reader
          return;
        }
        closing.awaitNanos(left);
      }
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count;
    try {
      count = super.read(buffer, offset, length);
    } catch (IOException e) {
      throw stalled ? stall(e) : e;
    }
    if (stalled) {
      throw stall(null);
    }
    progressAt = System.nanoTime();
    return count;
  }

  private IOException stall(@org.jspecify.annotations.Nullable Throwable cause) {
    return new IOException("%s sent nothing for %d ms".formatted(host, most.toMillis()), cause);
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    super.close();
  }
}
