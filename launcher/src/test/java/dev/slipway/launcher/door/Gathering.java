package dev.slipway.launcher.door;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A count that threads wait for.
final class Gathering {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int count;

  void arrive() {
    lock.lock();
    try {
      count++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  void awaitCount(int expected) throws InterruptedException {
    lock.lock();
    try {
      while (count < expected) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  void awaitCountUninterruptibly(int expected) {
    lock.lock();
    try {
      while (count < expected) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
