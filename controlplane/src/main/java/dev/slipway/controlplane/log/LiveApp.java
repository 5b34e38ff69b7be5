package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An app that is being written to or read from right now: joins the lines of its tasks into few
/// transactions, and wakes its readers after each.
final class LiveApp {
  /// Most writes of one app that wait for the database; more callers than that wait for a place.
  static final int MAX_WAITING_WRITES = 1_000;

  /// Lines after which a transaction takes no further write.
  static final int ENOUGH_LINES_PER_COMMIT = 5_000;

  /// How long a caller waits for its lines before it is told that the database is away.
  static final int MAX_WAIT_SECONDS = 30;

  private static final Logger log = LoggerFactory.getLogger(LiveApp.class);

  private record Write(List<NewLine> lines, CompletableFuture<Void> done) {}

  private final AppId app;
  private final LogStore store;
  private final Semaphore places = new Semaphore(MAX_WAITING_WRITES);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Write> waiting = new ArrayDeque<>();
  private boolean writing;
  private long version;
  private boolean finished;

  /// How many use this object; guarded by the map that holds it.
  int users;

  LiveApp(AppId app, LogStore store) {
    this.app = app;
    this.store = store;
  }

  /// Keeps the lines, and returns when they are durable.
  void append(List<NewLine> lines) {
    try {
      if (!places.tryAcquire(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE,
            MAX_WAITING_WRITES + " writes to the log of " + app + " wait for the database already");
      }
      try {
        enqueue(lines).get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
      } finally {
        places.release();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SlipwayException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the database did not take log lines within " + MAX_WAIT_SECONDS + " s",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "interrupted while log lines were written", e);
    }
  }

  private CompletableFuture<Void> enqueue(List<NewLine> lines) {
    Write write = new Write(lines, new CompletableFuture<>());
    lock.lock();
    try {
      waiting.add(write);
      if (!writing) {
        writing = true;
        // On a thread of its own: callers may be interrupted, and carry each other's lines.
        Thread.ofVirtual().name("log " + app).start(this::writeWaiting);
      }
    } finally {
      lock.unlock();
    }
    return write.done();
  }

  private void writeWaiting() {
    for (List<Write> batch = takeWaiting(); !batch.isEmpty(); batch = takeWaiting()) {
      List<NewLine> lines = new ArrayList<>();
      batch.forEach(write -> lines.addAll(write.lines()));
      try {
        store.append(app, lines);
      } catch (RuntimeException | Error e) {
        // Told to each caller as well, with all that is known of it.
        log.warn("{} log lines of {} are not kept: {}", lines.size(), app, e.getMessage());
        batch.forEach(write -> write.done().completeExceptionally(e));
        continue;
      }
      wake();
      batch.forEach(write -> write.done().complete(null));
    }
  }

  private List<Write> takeWaiting() {
    lock.lock();
    try {
      List<Write> batch = new ArrayList<>();
      int lines = 0;
      while (lines < ENOUGH_LINES_PER_COMMIT) {
        Write next = waiting.poll();
        if (next == null) {
          break;
        }
        batch.add(next);
        lines += next.lines().size();
      }
      writing = !batch.isEmpty();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /// Tells the readers that something has changed.
  void wake() {
    lock.lock();
    try {
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Tells the readers that the app says nothing more.
  void finish() {
    lock.lock();
    try {
      finished = true;
    } finally {
      lock.unlock();
    }
    wake();
  }

  boolean isFinished() {
    lock.lock();
    try {
      return finished;
    } finally {
      lock.unlock();
    }
  }

  /// Counts the changes so far.
  long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a change behind `seen`, or until the time is over.
  ///
  /// @param deadlineNanos by [System#nanoTime()]
  void await(long seen, long deadlineNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = deadlineNanos - System.nanoTime();
      while (version == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
