package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the work of many callers, one after the other, in one transaction: while one commit waits
/// for the disk, the work that arrives forms the next. Where a [GroupCommit] takes rows, this takes
/// code that reads, decides and writes. Since one thread does all of it, nothing that goes through
/// the same instance runs at the same time, and what was handed in first is done first.
///
/// Work that cannot be done says so by its result. When some fails by an exception, the transaction
/// is undone and everybody's work is done again in one of its own, so that nobody fails for a
/// neighbour's fault.
public final class SharedTransactions implements AutoCloseable {
  /// Work that is done in one transaction.
  @FunctionalInterface
  public interface Work<T> {
    T run(Handle handle);
  }

  /// Most pieces of work that wait; more callers than that wait for a place.
  static final int MAX_WAITING = 10_000;

  /// Most pieces of work in one transaction: the first of them waits for the last.
  static final int MAX_PER_COMMIT = 256;

  /// How long a caller waits before it is told that the database is away.
  static final int MAX_WAIT_SECONDS = 30;

  private static final Logger log = LoggerFactory.getLogger(SharedTransactions.class);

  private final Jdbi jdbi;
  private final BlockingQueue<Turn<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread worker;
  private volatile boolean closed;

  /// @param name of the thread, such as `queue-transactions`
  public SharedTransactions(Database database, String name) {
    this.jdbi = database.jdbi();
    this.worker = Thread.ofPlatform().name(name).daemon().start(this::work);
  }

  /// Does the work and returns its result when its effects are durable. An interrupt does not end
  /// the wait: the work would be done all the same, and nobody would know.
  ///
  /// @throws SlipwayException UNAVAILABLE when the database cannot do it
  public <T> T run(Work<T> work) {
    return await(submit(work));
  }

  /// Does the work soon. The future completes when its effects are durable, on the thread that does
  /// all work: what depends on it and takes time must go to another.
  public <T> CompletableFuture<T> submit(Work<T> work) {
    Turn<T> turn = new Turn<>(work);
    boolean interrupted = false;
    try {
      while (true) {
        if (closed) {
          throw new SlipwayException(ErrorKind.UNAVAILABLE, "the server is stopping");
        }
        try {
          if (waiting.offer(turn, MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
            return turn.done;
          }
          throw new SlipwayException(
              ErrorKind.UNAVAILABLE, MAX_WAITING + " writes wait for the database already");
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Waits for work that was handed in, as [#run(Work)] does.
  public static <T> T await(CompletableFuture<T> done) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
          throw new SlipwayException(
              ErrorKind.UNAVAILABLE,
              "the database did not take a write within " + MAX_WAIT_SECONDS + " s",
              e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void work() {
    List<Turn<?>> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      try {
        // The only wait of this thread; close() ends it by an interrupt.
        Turn<?> first = closed ? waiting.poll() : waiting.take();
        if (first == null) {
          return;
        }
        batch.add(first);
        waiting.drainTo(batch, MAX_PER_COMMIT - 1);
      } catch (InterruptedException e) {
        continue;
      }
      perform(batch);
    }
  }

  private void perform(List<Turn<?>> batch) {
    Progress progress = new Progress();
    try {
      jdbi.useTransaction(handle -> {
        batch.forEach(turn -> turn.perform(handle));
        progress.allDone = true;
      });
    } catch (RuntimeException | Error e) {
      if (batch.size() == 1 || progress.allDone || isAway(e)) {
        // After a commit that failed nobody knows whether it happened: doing the work again here
        // could do it twice. Whoever asked for it can find out.
        batch.forEach(turn -> turn.done.completeExceptionally(e));
      } else {
        log.debug("{} pieces of work failed together, doing them one by one", batch.size(), e);
        List.copyOf(batch).forEach(turn -> perform(List.of(turn)));
      }
      return;
    }
    batch.forEach(Turn::succeed);
  }

  private static boolean isAway(Throwable failure) {
    return failure instanceof SlipwayException e && e.kind() == ErrorKind.UNAVAILABLE;
  }

  /// Does what was handed in so far, then ends.
  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    try {
      worker.join(TimeUnit.SECONDS.toMillis(MAX_WAIT_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Progress {
    private boolean allDone;
  }

  private static final class Turn<T> {
    private final Work<T> work;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private @Nullable T result;

    Turn(Work<T> work) {
      this.work = work;
    }

    void perform(Handle handle) {
      result = work.run(handle);
    }

    @SuppressWarnings("NullAway") // performed before, and a work's result is never null
    void succeed() {
      done.complete(result);
    }
  }
}
