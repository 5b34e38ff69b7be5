package dev.slipway.launcher.load;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Lets through while it is open.
public final class Gate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private boolean open = true;

  public void shut() {
    set(false);
  }

  public void open() {
    set(true);
  }

  private void set(boolean now) {
    lock.lock();
    try {
      open = now;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until it is open.
  void pass() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!open) {
        opened.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
