package dev.slipway.worker.agent;

import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.LogBatch;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.LogReceipt;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends what containers and builds say, in order, until the control plane has said that it keeps
/// it. What is not acknowledged is sent again on the next stream.
///
/// When the control plane takes nothing, at most [#MAX_UNSENT_BYTES] are held; then whoever has
/// more to say waits, which stops the reading of the containers' pipes.
public final class LogShipper implements AutoCloseable {
  /// Most text that is held, in characters.
  static final int MAX_UNSENT_BYTES = 8 << 20;

  /// Most text of one batch.
  static final int MAX_BATCH_BYTES = 256 << 10;

  /// Pause before another stream after one broke.
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final Logger log = LoggerFactory.getLogger(LogShipper.class);

  /// Whose words they are.
  sealed interface Source {
    record OfTask(String taskId) implements Source {}

    record OfBuild(String buildId) implements Source {}
  }

  private record Said(Source source, LogEntry entry) {}

  private final FleetGrpc.FleetStub fleet;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Said> unsent = new ArrayDeque<>();

  /// Sent and not acknowledged, oldest first.
  private final Deque<LogBatch> unacknowledged = new ArrayDeque<>();

  private int heldBytes;
  private long lastSequence;
  private boolean streamBroken = true;
  private volatile boolean closed;
  private final Thread sender;

  public LogShipper(Channel channel) {
    this.fleet = FleetGrpc.newStub(channel);
    this.sender = Thread.ofVirtual().name("log-shipper").start(this::run);
  }

  /// Takes one piece of text; waits while too much is held.
  void say(Source source, LogEntry entry) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (heldBytes >= MAX_UNSENT_BYTES && !closed) {
        changed.await();
      }
      unsent.addLast(new Said(source, entry));
      heldBytes += entry.getData().length();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until everything that the source said is kept, or the time is over.
  boolean flush(Source source, Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (holds(source) && left > 0 && !closed) {
        left = changed.awaitNanos(left);
      }
      return !holds(source);
    } finally {
      lock.unlock();
    }
  }

  private boolean holds(Source source) {
    return unsent.stream().anyMatch(said -> said.source().equals(source))
        || unacknowledged.stream().anyMatch(batch -> sourceOf(batch).equals(source));
  }

  private static Source sourceOf(LogBatch batch) {
    return batch.hasTaskId()
        ? new Source.OfTask(batch.getTaskId())
        : new Source.OfBuild(batch.getBuildId());
  }

  private void run() {
    while (!closed) {
      try {
        ship();
        if (!closed) {
          Thread.sleep(PAUSE);
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.debug("the log stream broke", e);
      }
    }
  }

  /// One stream, until it breaks.
  private void ship() throws InterruptedException {
    Receipts receipts = new Receipts();
    lock.lock();
    try {
      // A stream is opened when there is something to say.
      while (unsent.isEmpty() && unacknowledged.isEmpty()) {
        changed.await();
      }
      streamBroken = false;
    } finally {
      lock.unlock();
    }
    ClientCallStreamObserver<LogBatch> stream =
        (ClientCallStreamObserver<LogBatch>) fleet.sendLogs(receipts);
    try {
      for (LogBatch batch : listUnacknowledged()) {
        stream.onNext(batch);
      }
      while (true) {
        LogBatch batch = awaitBatch(stream);
        if (batch == null) {
          return;
        }
        stream.onNext(batch);
      }
    } finally {
      if (closed) {
        stream.onCompleted();
      } else {
        stream.cancel("the log stream starts over", null);
      }
    }
  }

  private java.util.List<LogBatch> listUnacknowledged() {
    lock.lock();
    try {
      return java.util.List.copyOf(unacknowledged);
    } finally {
      lock.unlock();
    }
  }

  /// The next batch: everything that one source said since the last one. Null when the stream is of
  /// no use any more.
  private @org.jspecify.annotations.Nullable LogBatch awaitBatch(
      ClientCallStreamObserver<LogBatch> stream) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!streamBroken && !closed && (unsent.isEmpty() || !stream.isReady())) {
        changed.await();
      }
      if (streamBroken || unsent.isEmpty()) {
        return null;
      }
      Source source = unsent.getFirst().source();
      LogBatch.Builder batch = LogBatch.newBuilder().setSequence(++lastSequence);
      switch (source) {
        case Source.OfTask(String task) -> batch.setTaskId(task);
        case Source.OfBuild(String build) -> batch.setBuildId(build);
      }
      int bytes = 0;
      while (!unsent.isEmpty()
          && unsent.getFirst().source().equals(source)
          && bytes < MAX_BATCH_BYTES) {
        LogEntry entry = unsent.removeFirst().entry();
        bytes += entry.getData().length();
        batch.addEntries(entry);
      }
      LogBatch built = batch.build();
      unacknowledged.addLast(built);
      return built;
    } finally {
      lock.unlock();
    }
  }

  private final class Receipts implements ClientResponseObserver<LogBatch, LogReceipt> {
    @Override
    public void beforeStart(ClientCallStreamObserver<LogBatch> stream) {
      stream.setOnReadyHandler(this::wake);
    }

    private void wake() {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onNext(LogReceipt receipt) {
      lock.lock();
      try {
        while (!unacknowledged.isEmpty()
            && unacknowledged.getFirst().getSequence() <= receipt.getSequence()) {
          LogBatch kept = unacknowledged.removeFirst();
          for (LogEntry entry : kept.getEntriesList()) {
            heldBytes -= entry.getData().length();
          }
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onError(Throwable failure) {
      if (!closed) {
        log.debug("the log stream broke: {}", failure.toString());
      }
      broken();
    }

    @Override
    public void onCompleted() {
      broken();
    }

    private void broken() {
      lock.lock();
      try {
        streamBroken = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    sender.interrupt();
  }
}
