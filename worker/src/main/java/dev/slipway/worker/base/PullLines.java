package dev.slipway.worker.base;

import dev.slipway.images.registry.PullProgress;
import dev.slipway.model.Digest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// What a pull says, on its way to the log of a build. The pull never waits for the log: lines that
/// find no room are counted, and the count is said in their place.
final class PullLines implements PullProgress {
  /// Most lines that wait for the log.
  static final int MOST_LINES = 400;

  /// How often a log hears how far a layer is.
  static final Duration SAY_EVERY = Duration.ofSeconds(2);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private final LongSupplier nanoTime;
  private long saidAt;
  private int unsaid;
  private boolean ended;

  /// @param nanoTime as of [System#nanoTime]
  PullLines(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.saidAt = nanoTime.getAsLong();
  }

  @Override
  public void downloaded(Digest layer, long bytes, long total) {
    String name = layer.abbreviated();
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      if (bytes < total && now - saidAt < SAY_EVERY.toNanos()) {
        return;
      }
      saidAt = now;
      add(
          bytes == total
              ? "  downloaded %s, %,d bytes".formatted(name, total)
              : "  downloading %s, %,d of %,d bytes".formatted(name, bytes, total));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void note(String sentence) {
    lock.lock();
    try {
      add("  " + sentence);
    } finally {
      lock.unlock();
    }
  }

  private void add(String line) {
    if (lines.size() < MOST_LINES) {
      lines.add(line);
    } else {
      unsaid++;
    }
    changed.signalAll();
  }

  /// Nothing more will come.
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next line; empty when there will be none.
  Optional<String> next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (lines.isEmpty() && unsaid == 0 && !ended) {
        changed.await();
      }
      if (lines.isEmpty() && unsaid > 0) {
        String line = "  (%d more lines were left out)".formatted(unsaid);
        unsaid = 0;
        return Optional.of(line);
      }
      return Optional.ofNullable(lines.poll());
    } finally {
      lock.unlock();
    }
  }
}
