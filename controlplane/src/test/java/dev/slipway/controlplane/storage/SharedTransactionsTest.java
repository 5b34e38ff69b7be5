package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Many callers, one commit.
@Tag("integration")
class SharedTransactionsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final SharedTransactions transactions =
      new SharedTransactions(FIXTURE.database(), "test-transactions");
  private final CountDownLatch gate = new CountDownLatch(1);

  @BeforeEach
  void makeTable() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> {
          handle.execute("drop table if exists entry");
          handle.execute(
              "create table entry (n integer primary key, tx text default pg_current_xact_id())");
        });
  }

  @AfterEach
  void close() {
    gate.countDown();
    transactions.close();
  }

  @Test
  void whatArrivesTogetherIsCommittedTogetherAndInOrder() throws Exception {
    holdUp();
    List<Integer> order = new ArrayList<>();
    List<CompletableFuture<Integer>> done = new ArrayList<>();
    for (int n = 0; n < 100; n++) {
      int number = n;
      done.add(
          transactions.submit(handle -> {
            order.add(number);
            return insert(handle, number);
          }));
    }
    assertThat(done).noneMatch(CompletableFuture::isDone);
    gate.countDown();
    for (CompletableFuture<Integer> one : done) {
      assertThat(one.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }
    assertThat(order).isSorted().hasSize(100);
    assertThat(transactionsUsed()).isEqualTo(1);
  }

  @Test
  void nobodyFailsForANeighbour() throws Exception {
    transactions.run(handle -> insert(handle, 1));
    holdUp();
    CompletableFuture<Integer> before = transactions.submit(handle -> insert(handle, 2));
    CompletableFuture<Integer> twice = transactions.submit(handle -> insert(handle, 1));
    CompletableFuture<Integer> after = transactions.submit(handle -> insert(handle, 3));
    gate.countDown();
    assertThat(before.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(after.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThatThrownBy(() -> SharedTransactions.await(twice)).hasMessageContaining("duplicate key");
    assertThat(numbers()).containsExactly(1, 2, 3);
  }

  @Test
  void aCommitThatFailsIsNotTriedAgain() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> {
          handle.execute("drop table entry");
          handle.execute(
              "create table entry (n integer unique deferrable initially deferred, tx text)");
        });
    List<Integer> runs = new ArrayList<>();
    assertThatThrownBy(() ->
            transactions.run(handle -> {
              runs.add(1);
              return handle.execute("insert into entry (n) values (7), (7)");
            }))
        .hasStackTraceContaining("duplicate key");
    assertThat(runs).hasSize(1);
  }

  @Test
  void anInterruptDoesNotEndTheWait() throws Exception {
    holdUp();
    CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
    Thread caller =
        Thread.startVirtualThread(() -> {
          transactions.run(handle -> insert(handle, 1));
          interruptedAfterwards.complete(Thread.currentThread().isInterrupted());
        });
    caller.interrupt();
    gate.countDown();
    assertThat(interruptedAfterwards.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(numbers()).containsExactly(1);
  }

  @Test
  void closingDoesWhatWasHandedInAndRefusesMore() throws Exception {
    holdUp();
    CompletableFuture<Integer> last = transactions.submit(handle -> insert(handle, 1));
    Thread closing = Thread.startVirtualThread(transactions::close);
    gate.countDown();
    assertThat(last.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    closing.join();
    assertThatThrownBy(() -> transactions.run(handle -> insert(handle, 2)))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("stopping");
  }

  /// Occupies the thread until the gate opens, so that what is handed in meanwhile is together.
  private void holdUp() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    transactions.submit(handle -> {
      begun.countDown();
      return awaitGate();
    });
    begun.await();
  }

  private boolean awaitGate() {
    boolean opened = false;
    while (!opened) {
      try {
        gate.await();
        opened = true;
      } catch (InterruptedException e) {
        // Closing interrupts; what was begun goes on.
      }
    }
    return true;
  }

  private static int insert(Handle handle, int number) {
    return handle.execute("insert into entry (n) values (?)", number);
  }

  private List<Integer> numbers() {
    return FIXTURE
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select n from entry order by n").mapTo(Integer.class).list());
  }

  private int transactionsUsed() {
    return FIXTURE
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(distinct tx) from entry").mapTo(Integer.class).one());
  }
}
