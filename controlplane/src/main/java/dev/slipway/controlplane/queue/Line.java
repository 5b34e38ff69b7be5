package dev.slipway.controlplane.queue;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The gets that wait at one partition, served in the order in which they came.
///
/// Items are taken for all who wait in one go, and then handed out from the front of the line; what
/// is left over, because somebody went away meanwhile, goes back to where it was.
final class Line {
  /// Gets that may wait at one partition.
  static final int MAX_WAITING = 10_000;

  /// Where the items come from.
  interface Source {
    /// Takes items off the front, at most so many.
    CompletableFuture<List<Item>> take(int atMost);

    /// Puts items back that were taken; returns when they are there.
    void putBack(List<Item> items);
  }

  private static final class Waiting {
    private final int wanted;
    private final Condition changed;
    private boolean tried;
    private @Nullable List<Item> got;
    private @Nullable Throwable failure;

    Waiting(int wanted, Condition changed) {
      this.wanted = wanted;
      this.changed = changed;
    }
  }

  private final Source source;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrival = lock.newCondition();
  private final Deque<Waiting> line = new ArrayDeque<>();
  private long arrivals;
  private boolean taking;
  private boolean takeAgain;
  private @Nullable SlipwayException closed;

  /// @param executor for what happens when the source has answered
  Line(Source source, Executor executor) {
    this.source = source;
    this.executor = executor;
  }

  /// Takes items, as soon as there is one and everybody in front has been served.
  ///
  /// @param wanted the most to take
  /// @param nanos how long to wait; what is there already is taken in any case
  /// @return none when the time was over
  List<Item> take(int wanted, long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    lock.lockInterruptibly();
    try {
      requireOpen();
      if (line.size() >= MAX_WAITING) {
        throw new SlipwayException(
            ErrorKind.EXHAUSTED,
            "%d gets wait at this partition already, and no more may".formatted(MAX_WAITING));
      }
      Waiting mine = new Waiting(wanted, lock.newCondition());
      line.add(mine);
      serve();
      try {
        return await(mine, deadline);
      } catch (InterruptedException e) {
        if (mine.got != null) {
          giveBack(mine.got);
        }
        throw e;
      } finally {
        line.remove(mine);
      }
    } finally {
      lock.unlock();
    }
  }

  private List<Item> await(Waiting mine, long deadline) throws InterruptedException {
    while (mine.got == null) {
      if (mine.failure != null) {
        throw mine.failure instanceof SlipwayException e
            ? new SlipwayException(e.kind(), String.valueOf(e.getMessage()), e)
            : new IllegalStateException(mine.failure);
      }
      if (!mine.tried) {
        // The source answers, if only that it cannot.
        mine.changed.await();
      } else if (mine.changed.awaitNanos(deadline - System.nanoTime()) <= 0 && mine.got == null) {
        return List.of();
      }
    }
    return mine.got;
  }

  /// How often something came in so far.
  long arrivals() {
    lock.lock();
    try {
      return arrivals;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until more has come in than so many times.
  ///
  /// @return false when the time was over
  boolean awaitArrival(long seen, long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    lock.lockInterruptibly();
    try {
      while (arrivals == seen) {
        requireOpen();
        if (arrival.awaitNanos(deadline - System.nanoTime()) <= 0 && arrivals == seen) {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Something came in.
  void arrived() {
    lock.lock();
    try {
      arrivals++;
      arrival.signalAll();
      serve();
    } finally {
      lock.unlock();
    }
  }

  /// Sends everybody away: the queue is gone.
  void close(SlipwayException reason) {
    lock.lock();
    try {
      closed = reason;
      arrival.signalAll();
      line.forEach(waiting -> fail(waiting, reason));
      line.clear();
    } finally {
      lock.unlock();
    }
  }

  /// Fetches for those in the line, unless somebody is fetching: then once more afterwards.
  private void serve() {
    if (taking) {
      takeAgain = true;
      return;
    }
    if (line.isEmpty()) {
      return;
    }
    taking = true;
    takeAgain = false;
    List<Waiting> asking = List.copyOf(line);
    int wanted = (int) Math.min(Queues.MAX_ITEMS, asking.stream().mapToLong(w -> w.wanted).sum());
    executor.execute(() -> fetch(asking, wanted));
  }

  private void fetch(List<Waiting> asking, int wanted) {
    CompletableFuture<List<Item>> taken;
    try {
      taken = source.take(wanted);
    } catch (RuntimeException e) {
      taken = CompletableFuture.failedFuture(e);
    }
    taken.whenCompleteAsync(
        (items, failure) -> {
          if (failure != null) {
            refuse(asking, failure);
          } else {
            handOut(asking, items, wanted);
          }
        },
        executor);
  }

  private void handOut(List<Waiting> asking, List<Item> items, int wanted) {
    lock.lock();
    try {
      int given = 0;
      Iterator<Waiting> first = line.iterator();
      while (given < items.size() && first.hasNext()) {
        Waiting waiting = first.next();
        int end = Math.min(items.size(), given + waiting.wanted);
        waiting.got = List.copyOf(items.subList(given, end));
        waiting.changed.signal();
        first.remove();
        given = end;
      }
      for (Waiting waiting : asking) {
        waiting.tried = true;
        waiting.changed.signal();
      }
      taking = false;
      if (given < items.size()) {
        giveBack(items.subList(given, items.size()));
      } else if (takeAgain || items.size() == wanted) {
        serve();
      }
    } finally {
      lock.unlock();
    }
  }

  private void refuse(List<Waiting> asking, Throwable failure) {
    lock.lock();
    try {
      for (Waiting waiting : asking) {
        if (line.remove(waiting)) {
          fail(waiting, failure);
        }
      }
      taking = false;
      if (takeAgain) {
        serve();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Puts items back to where they were, and then looks again who waits for them.
  private void giveBack(List<Item> items) {
    List<Item> surplus = new ArrayList<>(items);
    executor.execute(() -> {
      source.putBack(surplus);
      arrived();
    });
  }

  private static void fail(Waiting waiting, Throwable failure) {
    waiting.failure = failure;
    waiting.changed.signal();
  }

  private void requireOpen() {
    if (closed != null) {
      throw new SlipwayException(closed.kind(), String.valueOf(closed.getMessage()));
    }
  }
}
