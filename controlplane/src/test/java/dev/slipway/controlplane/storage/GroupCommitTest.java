package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
@Timeout(60)
class GroupCommitTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  /// Longer than anything takes here, also on a slow machine.
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  private GatedDataSource source;
  private GroupCommit commits;

  @BeforeEach
  void open() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> {
          handle.execute("drop table if exists noted");
          handle.execute("create table noted (n integer primary key check (n > 0))");
        });
    source = new GatedDataSource(FIXTURE.database().dataSource());
    commits = new GroupCommit(source, PATIENCE);
  }

  @AfterEach
  void close() {
    source.open();
    commits.close();
  }

  @Test
  void aCallerReturnsWhenItsRowsAreDurableAndNotBefore() throws Exception {
    source.shut();
    Future<?> caller = inBackground(() -> commits.commit(note(1)));
    source.awaitKnock();
    assertThat(caller.isDone()).isFalse();
    assertThat(noted()).isEmpty();

    source.open();

    caller.get(10, TimeUnit.SECONDS);
    assertThat(noted()).containsExactly(1);
  }

  @Test
  void oneTransactionCarriesTheWritesThatArriveDuringAnother() throws Exception {
    source.shut();
    List<Future<?>> callers = new ArrayList<>();
    callers.add(inBackground(() -> commits.commit(note(1))));
    source.awaitKnock();
    for (int n = 2; n <= 50; n++) {
      int number = n;
      callers.add(inBackground(() -> commits.commit(note(number))));
    }
    awaitWaiting(49);

    source.open();

    for (Future<?> caller : callers) {
      caller.get(10, TimeUnit.SECONDS);
    }
    assertThat(noted()).hasSize(50);
    assertThat(source.connections()).isEqualTo(2);
  }

  @Test
  void aWriteThatTheDatabaseRefusesFailsAlone() throws Exception {
    source.shut();
    Future<?> first = inBackground(() -> commits.commit(note(1)));
    source.awaitKnock();
    Future<?> good = inBackground(() -> commits.commit(note(2)));
    Future<?> bad = inBackground(() -> commits.commit(note(-1)));
    Future<?> alsoGood = inBackground(() -> commits.commit(note(3), note(4)));
    awaitWaiting(3);

    source.open();

    first.get(10, TimeUnit.SECONDS);
    good.get(10, TimeUnit.SECONDS);
    alsoGood.get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> bad.get(10, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(java.sql.SQLException.class)
        .cause()
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("noted_n_check");
    assertThat(noted()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aShortAbsenceOfTheDatabaseIsWaitedFor() {
    source.refuse(3);

    commits.commit(note(1));

    assertThat(noted()).containsExactly(1);
    assertThat(source.connections()).isEqualTo(4);
  }

  @Test
  void aLongAbsenceIsReportedAndServiceResumesByItself() {
    source.refuse(Integer.MAX_VALUE);
    try (GroupCommit hasty = new GroupCommit(source, Duration.ofMillis(600))) {
      assertThatThrownBy(() -> hasty.commit(note(1)))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE));

      source.refuse(0);
      hasty.commit(note(2));
    }

    assertThat(noted()).containsExactly(2);
  }

  @Test
  void aSessionThatIsEndedInTheMiddleOfATransactionIsRepeatedInAnother() throws Exception {
    try (var blocker = FIXTURE.database().dataSource().getConnection()) {
      blocker.setAutoCommit(false);
      blocker.createStatement().execute("lock table noted in access exclusive mode");
      Future<?> caller = inBackground(() -> commits.commit(note(1)));
      String waiting =
          "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert%'";
      long session =
          Awaitility.await()
              .until(
                  () ->
                      FIXTURE
                          .database()
                          .jdbi()
                          .withHandle(h -> h.createQuery(waiting).mapTo(Long.class).findOne()),
                  java.util.Optional::isPresent)
              .orElseThrow();

      FIXTURE
          .database()
          .jdbi()
          .useHandle(handle -> handle.execute("select pg_terminate_backend(?::integer)", session));
      blocker.rollback();

      caller.get(10, TimeUnit.SECONDS);
    }
    assertThat(noted()).containsExactly(1);
  }

  @Test
  void anInterruptedCallerLearnsTheOutcomeOfAWriteThatIsUnderWay() throws Exception {
    source.shut();
    AtomicBoolean stillInterrupted = new AtomicBoolean();
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              commits.commit(note(1));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
              outcome.complete(null);
            });
    source.awaitKnock();

    caller.interrupt();
    Thread.sleep(50);
    assertThat(outcome.isDone()).isFalse();
    source.open();

    outcome.get(10, TimeUnit.SECONDS);
    assertThat(stillInterrupted).isTrue();
    assertThat(noted()).containsExactly(1);
  }

  @Test
  void anInterruptedCallerTakesBackAWriteThatWaits() throws Exception {
    source.shut();
    Future<?> first = inBackground(() -> commits.commit(note(1)));
    source.awaitKnock();
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    Thread second =
        Thread.ofVirtual()
            .start(() -> {
              try {
                commits.commit(note(2));
              } catch (SlipwayException e) {
                failed.complete(e);
              }
            });
    awaitWaiting(1);

    second.interrupt();

    assertThat(failed.get(10, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
    source.open();
    first.get(10, TimeUnit.SECONDS);
    commits.commit(note(3));
    assertThat(noted()).containsExactly(1, 3);
  }

  @Test
  void aStopWritesWhatWaitsAndRefusesWhatComes() throws Exception {
    source.shut();
    Future<?> first = inBackground(() -> commits.commit(note(1)));
    source.awaitKnock();
    Future<?> second = inBackground(() -> commits.commit(note(2)));
    awaitWaiting(1);
    Future<?> stop = inBackground(commits::close);
    Thread.sleep(50);

    source.open();

    stop.get(10, TimeUnit.SECONDS);
    first.get(10, TimeUnit.SECONDS);
    second.get(10, TimeUnit.SECONDS);
    assertThat(noted()).containsExactly(1, 2);
    assertThatThrownBy(() -> commits.commit(note(3))).hasMessageContaining("stopping");
  }

  @Test
  void moreRowsThanOneTransactionCarriesAreWrittenAllTheSame() throws Exception {
    int writes = 2 * GroupCommit.MAX_ROWS_PER_COMMIT / 1_000 + 1;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> callers = new ArrayList<>();
      for (int w = 0; w < writes; w++) {
        int from = w * 1_000 + 1;
        callers.add(
            threads.submit(() ->
                commits.commit(
                    IntStream.range(from, from + 1_000).mapToObj(GroupCommitTest::note).toList())));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
    assertThat(noted()).hasSize(writes * 1_000);
  }

  private static Row note(int number) {
    return Row.of("insert into noted (n) values (?) on conflict (n) do nothing", number);
  }

  private static List<Integer> noted() {
    return FIXTURE
        .database()
        .jdbi()
        .withHandle(
            handle -> handle.createQuery("select n from noted order by n").mapTo(int.class).list());
  }

  private void awaitWaiting(int writes) {
    Awaitility.await().until(() -> commits.waitingWrites() == writes);
  }

  private static Future<?> inBackground(Runnable work) {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            work.run();
            outcome.complete(null);
          } catch (RuntimeException e) {
            outcome.completeExceptionally(e);
          }
        });
    return outcome;
  }
}
