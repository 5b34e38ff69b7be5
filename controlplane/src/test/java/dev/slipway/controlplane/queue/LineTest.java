package dev.slipway.controlplane.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who waits at a partition is served in order, and nothing gets lost on the way.
@Timeout(30)
class LineTest {
  private static final long LONG = Duration.ofMinutes(5).toNanos();

  private final Shelf shelf = new Shelf();
  private final Line line = new Line(shelf, Thread::startVirtualThread);

  @Test
  void takesWhatIsThereWithoutWaiting() throws Exception {
    shelf.add(1, 2, 3);
    assertThat(positions(line.take(2, 0))).containsExactly(1L, 2L);
    assertThat(positions(line.take(2, LONG))).containsExactly(3L);
    assertThat(line.take(2, 0)).isEmpty();
  }

  @Test
  void thoseWhoWaitAreServedInTheOrderInWhichTheyCame() throws Exception {
    List<FutureTask<List<Item>>> waiting = new ArrayList<>();
    for (int n = 0; n < 20; n++) {
      waiting.add(startTake(1));
    }
    shelf.add(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    line.arrived();
    for (int n = 0; n < 10; n++) {
      assertThat(positions(waiting.get(n).get())).containsExactly(n + 1L);
    }
    for (int n = 11; n <= 20; n++) {
      shelf.add(n);
      line.arrived();
      assertThat(positions(waiting.get(n - 1).get())).containsExactly((long) n);
    }
  }

  @Test
  void oneWhoWantsManyTakesWhatIsThereAndTheNextGetsTheRest() throws Exception {
    FutureTask<List<Item>> first = startTake(3);
    FutureTask<List<Item>> second = startTake(3);
    shelf.add(1, 2, 3, 4);
    line.arrived();
    assertThat(positions(first.get())).containsExactly(1L, 2L, 3L);
    assertThat(positions(second.get())).containsExactly(4L);
  }

  @Test
  void aTimeThatIsOverTakesNothing() throws Exception {
    assertThat(line.take(1, Duration.ofMillis(30).toNanos())).isEmpty();
    shelf.add(1);
    line.arrived();
    assertThat(positions(line.take(1, 0))).containsExactly(1L);
  }

  @Test
  void whoIsInterruptedLeavesTheLineToTheOthers() throws Exception {
    FutureTask<List<Item>> gone = new FutureTask<>(() -> line.take(1, LONG));
    Thread thread = Thread.startVirtualThread(gone);
    shelf.awaitTaking(1);
    FutureTask<List<Item>> next = startTake(1);
    thread.interrupt();
    assertThatThrownBy(gone::get).hasCauseInstanceOf(InterruptedException.class);
    shelf.add(1);
    line.arrived();
    assertThat(positions(next.get())).containsExactly(1L);
  }

  @Test
  void whatWasFetchedForSomebodyWhoLeftGoesToTheNextInLine() throws Exception {
    shelf.hold();
    FutureTask<List<Item>> gone = new FutureTask<>(() -> line.take(1, LONG));
    Thread thread = Thread.startVirtualThread(gone);
    shelf.awaitTaking(1);
    shelf.add(1);
    thread.interrupt();
    assertThatThrownBy(gone::get).isInstanceOf(ExecutionException.class);
    FutureTask<List<Item>> next = new FutureTask<>(() -> line.take(1, LONG));
    Thread.startVirtualThread(next);
    shelf.release();
    assertThat(positions(next.get())).containsExactly(1L);
  }

  @Test
  void whatNobodyWaitsForAnyMoreGoesBackToItsPlace() throws Exception {
    shelf.hold();
    FutureTask<List<Item>> gone = new FutureTask<>(() -> line.take(5, LONG));
    Thread thread = Thread.startVirtualThread(gone);
    shelf.awaitTaking(1);
    shelf.add(1, 2);
    thread.interrupt();
    assertThatThrownBy(gone::get).isInstanceOf(ExecutionException.class);
    shelf.release();
    shelf.awaitPutBack(1);
    shelf.add(3);
    assertThat(positions(line.take(5, LONG))).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aFailureReachesThoseWhoAskedAndNobodyElse() throws Exception {
    shelf.fail(new SlipwayException(ErrorKind.UNAVAILABLE, "the shelf is away"));
    assertThatThrownBy(() -> line.take(1, LONG))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("the shelf is away");
    shelf.fail(null);
    shelf.add(1);
    assertThat(positions(line.take(1, LONG))).containsExactly(1L);
  }

  @Test
  void closingSendsEverybodyAway() throws Exception {
    FutureTask<List<Item>> waiting = startTake(1);
    FutureTask<Boolean> watching = new FutureTask<>(() -> line.awaitArrival(0, LONG));
    Thread.startVirtualThread(watching);
    line.close(new SlipwayException(ErrorKind.NOT_FOUND, "it was deleted"));
    assertThatThrownBy(waiting::get).hasMessageContaining("it was deleted");
    assertThatThrownBy(watching::get).hasMessageContaining("it was deleted");
    assertThatThrownBy(() -> line.take(1, LONG)).hasMessageContaining("it was deleted");
  }

  @Test
  void whoOnlyWatchesIsToldOfArrivals() throws Exception {
    long seen = line.arrivals();
    assertThat(line.awaitArrival(seen, Duration.ofMillis(20).toNanos())).isFalse();
    FutureTask<Boolean> watching = new FutureTask<>(() -> line.awaitArrival(seen, LONG));
    Thread.startVirtualThread(watching);
    line.arrived();
    assertThat(watching.get()).isTrue();
  }

  /// Starts to wait, and returns when it has looked once: so the next one stands behind it.
  private FutureTask<List<Item>> startTake(int wanted) throws InterruptedException {
    int before = shelf.takings();
    FutureTask<List<Item>> task = new FutureTask<>(() -> line.take(wanted, LONG));
    Thread.startVirtualThread(task);
    shelf.awaitTaking(before + 1);
    return task;
  }

  private static List<Long> positions(List<Item> items) {
    return items.stream().map(Item::position).toList();
  }

  /// Items in memory.
  private static final class Shelf implements Line.Source {
    private final TreeMap<Long, Item> items = new TreeMap<>();
    private CountDownLatch held = new CountDownLatch(0);
    private @Nullable RuntimeException failure;
    private int takings;
    private int putBacks;

    synchronized void add(long... positions) {
      for (long position : positions) {
        items.put(position, new Item(position, new byte[] {(byte) position}));
      }
    }

    /// Answers are held back from now on.
    synchronized void hold() {
      held = new CountDownLatch(1);
    }

    synchronized void release() {
      held.countDown();
    }

    synchronized void fail(@Nullable RuntimeException reason) {
      failure = reason;
    }

    synchronized int takings() {
      return takings;
    }

    synchronized void awaitTaking(int count) throws InterruptedException {
      while (takings < count) {
        wait();
      }
    }

    synchronized void awaitPutBack(int count) throws InterruptedException {
      while (putBacks < count) {
        wait();
      }
    }

    @Override
    public CompletableFuture<List<Item>> take(int atMost) {
      CountDownLatch gate;
      synchronized (this) {
        takings++;
        notifyAll();
        if (failure != null) {
          return CompletableFuture.failedFuture(failure);
        }
        gate = held;
      }
      return CompletableFuture.supplyAsync(
          () -> {
            try {
              gate.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            synchronized (this) {
              List<Item> taken = new ArrayList<>();
              while (taken.size() < atMost && !items.isEmpty()) {
                taken.add(items.pollFirstEntry().getValue());
              }
              return taken;
            }
          },
          Thread::startVirtualThread);
    }

    @Override
    public synchronized void putBack(List<Item> back) {
      back.forEach(item -> items.put(item.position(), item));
      putBacks++;
      notifyAll();
    }
  }
}
