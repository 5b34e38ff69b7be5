package dev.slipway.worker.relay;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What the lanes of one task still have to carry. The end of a task must not overtake what its
/// container said before.
final class TaskLanes {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition quiet = lock.newCondition();
  private int open;
  private int underWay;
  private boolean abandoned;

  void opened() {
    change(1, 0);
  }

  void closed() {
    change(-1, 0);
  }

  /// Something has to reach the platform.
  void begun() {
    change(0, 1);
  }

  void done() {
    change(0, -1);
  }

  private void change(int lanes, int carried) {
    lock.lock();
    try {
      open += lanes;
      underWay += carried;
      if (open == 0 && underWay == 0) {
        quiet.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until all lanes are closed and have nothing left to carry.
  ///
  /// @return whether it is so; else it has been waited for long enough
  boolean awaitQuiet(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while ((open > 0 || underWay > 0) && left > 0) {
        left = quiet.awaitNanos(left);
      }
      return open == 0 && underWay == 0;
    } finally {
      lock.unlock();
    }
  }

  /// Nobody waits for the rest: it is not repeated any more.
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
    } finally {
      lock.unlock();
    }
  }

  boolean isAbandoned() {
    lock.lock();
    try {
      return abandoned;
    } finally {
      lock.unlock();
    }
  }
}
