package dev.slipway.controlplane.task;

import dev.slipway.model.FunctionId;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What has changed since the scheduler decided last: functions, or the room on the machines. Some
/// changes cannot make it start anything sooner, and come by the hundred a second; those are looked
/// at together.
final class Changes {
  /// How long a change that is not urgent waits for others.
  static final Duration TOGETHER = Duration.ofMillis(5);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /// Empty for the room.
  private Set<Optional<FunctionId>> pending = new LinkedHashSet<>();

  private boolean urgent;

  /// Something changed that may make a container necessary, or possible.
  void add(Optional<FunctionId> what) {
    add(what, true);
  }

  /// Something changed after which there is less to do.
  void addLess(FunctionId function) {
    add(Optional.of(function), false);
  }

  private void add(Optional<FunctionId> what, boolean now) {
    lock.lock();
    try {
      boolean wakes = pending.isEmpty() || (now && !urgent);
      pending.add(what);
      urgent |= now;
      if (wakes) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits for changes and takes them all. For one thread.
  Set<Optional<FunctionId>> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (pending.isEmpty()) {
        changed.await();
      }
      long left = TOGETHER.toNanos();
      while (!urgent && left > 0) {
        left = changed.awaitNanos(left);
      }
      Set<Optional<FunctionId>> taken = pending;
      pending = new LinkedHashSet<>();
      urgent = false;
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
