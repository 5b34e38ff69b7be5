package dev.slipway.controlplane.queue;

import static dev.slipway.controlplane.object.ObjectFixture.OURS;
import static dev.slipway.controlplane.object.ObjectFixture.THEIRS;
import static dev.slipway.controlplane.queue.QueueFixture.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.object.ObjectFixture;
import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.rpc.TooLarge;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.QueueId;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What goes into a queue comes out of it, in order, once, and not for ever.
@Tag("integration")
@Timeout(60)
class QueuesTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final QueueFixture fixture = new QueueFixture(FIXTURE.database());

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void itemsComeOutInOrderEachPartitionForItself() throws Exception {
    fixture.put("1", "2");
    fixture.putInto("red", "r1");
    fixture.put("3");
    assertThat(fixture.get(2)).containsExactly("1", "2");
    assertThat(fixture.get("red", 9, Duration.ZERO)).containsExactly("r1");
    assertThat(fixture.get(9)).containsExactly("3");
    assertThat(fixture.get(1)).isEmpty();
  }

  @Test
  void aGetThatWaitsIsWokenByThePut() throws Exception {
    FutureTask<List<String>> waiting = fixture.startGet("", 5);
    FutureTask<List<String>> elsewhere = fixture.startGet("red", 5);
    fixture.put("1", "2");
    assertThat(waiting.get()).containsExactly("1", "2");
    assertThat(elsewhere.isDone()).isFalse();
    fixture.putInto("red", "r");
    assertThat(elsewhere.get()).containsExactly("r");
  }

  @Test
  void whatWasTakenAndGivenToNobodyGoesBackToItsPlaceAtTheNextStart() throws Exception {
    fixture.put("1", "2", "3");
    fixture.takeAndDie(2);
    assertThat(fixture.length("")).isEqualTo(3);
    assertThat(fixture.get(9)).containsExactly("1", "2", "3");
    assertThat(fixture.count("queue_taken")).isZero();
  }

  @Test
  void aGetThatIsTriedAgainAfterTheServersDeathFindsItsItems() throws Exception {
    fixture.put("1", "2", "3");
    assertThat(QueueFixture.texts(fixture.getAs("first", 2))).containsExactly("1", "2");
    fixture.restart();
    assertThat(QueueFixture.texts(fixture.getAs("another", 1))).containsExactly("3");
    assertThat(QueueFixture.texts(fixture.getAs("first", 2))).containsExactly("1", "2");
    assertThat(fixture.getAs("first", 2)).isEmpty();
  }

  @Test
  void whatHasArrivedIsNotThereForAnotherAttempt() throws Exception {
    fixture.put("1");
    List<Item> items = fixture.getAs("key", 1);
    fixture.queues().arrived(fixture.partition(""), items);
    fixture.restart();
    assertThat(fixture.getAs("key", 1)).isEmpty();
    assertThat(fixture.count("queue_taken")).isZero();
  }

  @Test
  void anAnswerThatCouldNotBeSentGoesBackOnceAndForAll() throws Exception {
    fixture.put("1", "2");
    List<Item> items = fixture.getAs("key", 1);
    fixture.queues().putBack(fixture.partition(""), items);
    fixture.restart();
    assertThat(fixture.get(9)).containsExactly("1", "2");
  }

  @Test
  void itemsOutliveTheServer() throws Exception {
    fixture.put("1", "2", "3");
    assertThat(fixture.get(1)).containsExactly("1");
    fixture.restart();
    assertThat(fixture.length("")).isEqualTo(2);
    assertThat(fixture.get(9)).containsExactly("2", "3");
    fixture.restart();
    assertThat(fixture.get(9)).isEmpty();
  }

  @Test
  void aPutThatIsTriedAgainAddsItsItemsOnceEvenOverARestart() throws Exception {
    fixture.putAs("key", "", "1", "2");
    fixture.putAs("key", "", "1", "2");
    assertThat(fixture.get(9)).containsExactly("1", "2");
    fixture.restart();
    fixture.putAs("key", "", "1", "2");
    assertThat(fixture.get(9)).isEmpty();

    fixture.objects().pass(Queues.DONE_KEPT_FOR.plusSeconds(1));
    fixture.queues().removeExpired();
    assertThat(fixture.count("queue_put")).isZero();
  }

  @Test
  void aFullPartitionTakesNothingOfAPutUntilThereIsRoom() throws Exception {
    put(Queues.MAX_ITEMS - 1, "");
    assertKind(ErrorKind.EXHAUSTED, () -> fixture.putAs("key", "", "a", "b"), "5000");
    assertThat(fixture.length("")).isEqualTo(Queues.MAX_ITEMS - 1);
    fixture.putInto("red", "elsewhere there is room");
    fixture.get(1);
    fixture.putAs("key", "", "a", "b");
    assertThat(fixture.length("")).isEqualTo(Queues.MAX_ITEMS);
  }

  @Test
  void aPartitionIsFullWhenItsItemsAreTooLargeTogether() throws Exception {
    List<byte[]> half = Collections.nCopies(32, new byte[Queues.MAX_ITEM_BYTES]);
    putBytes(half);
    putBytes(half);
    assertKind(ErrorKind.EXHAUSTED, () -> fixture.put("x"), "67108864");
    assertThat(fixture.get(1)).hasSize(1);
    fixture.put("x");
  }

  @Test
  void whatNeverFitsIsRefusedForGood() {
    assertTooLarge(() -> putBytes(List.of(new byte[Queues.MAX_ITEM_BYTES + 1])), "1048577");
    assertTooLarge(() -> put(Queues.MAX_ITEMS + 1, ""), "5001");
    assertTooLarge(
        () -> putBytes(Collections.nCopies(65, new byte[Queues.MAX_ITEM_BYTES])), "68157440");
    assertKind(ErrorKind.INVALID, () -> fixture.partition("k".repeat(65)), "65");
    assertThat(fixture.count("queue_item")).isZero();
  }

  @Test
  void refusesTimesAndNumbersThatMakeNoSense() {
    for (Duration ttl : List.of(Duration.ZERO, Duration.ofSeconds(-5), Duration.ofDays(8))) {
      assertKind(
          ErrorKind.INVALID,
          () ->
              fixture
                  .queues()
                  .put(
                      OURS.workspace(),
                      fixture.partition(""),
                      List.of(new byte[1]),
                      ttl,
                      Optional.empty()),
          Long.toString(ttl.toSeconds()));
    }
    assertKind(ErrorKind.INVALID, () -> unchecked(() -> fixture.get(0)), "0 items");
    assertKind(ErrorKind.INVALID, () -> unchecked(() -> fixture.get(-3)), "-3 items");
  }

  @Test
  void aPartitionIsOverAfterItsTime() throws Exception {
    fixture.put("old");
    fixture.putInto("red", "old");
    fixture.objects().pass(QueueFixture.TTL.minusSeconds(1));
    fixture.put("younger");
    fixture.objects().pass(Duration.ofSeconds(2));
    assertThat(fixture.length("")).isEqualTo(2);
    assertThat(fixture.length("red")).isZero();
    assertThat(fixture.get("red", 1, Duration.ZERO)).isEmpty();
    assertThat(fixture.next("red", 0, Duration.ZERO)).isEmpty();
    assertThat(fixture.queues().size(OURS.workspace(), fixture.queue()))
        .isEqualTo(new QueueSize(1, 2));

    fixture.putInto("red", "new");
    assertThat(fixture.get("red", 9, Duration.ZERO)).containsExactly("new");
    fixture.objects().pass(QueueFixture.TTL);
    fixture.queues().removeExpired();
    assertThat(fixture.count("queue_item")).isZero();
    assertThat(fixture.count("queue_partition")).isZero();
  }

  @Test
  void looksAtItemsWithoutTakingThem() throws Exception {
    put(Queues.MAX_NEXT_ITEMS + 20, "");
    List<Item> first = fixture.next("", Long.MIN_VALUE, Duration.ZERO);
    List<Item> rest = fixture.next("", first.getLast().position(), Duration.ZERO);
    assertThat(first).hasSize(Queues.MAX_NEXT_ITEMS);
    assertThat(rest).hasSize(20);
    assertThat(fixture.length("")).isEqualTo(Queues.MAX_NEXT_ITEMS + 20);
    assertThat(fixture.next("", rest.getLast().position(), Duration.ofMillis(20))).isEmpty();

    FutureTask<List<Item>> waiting =
        new FutureTask<>(() -> fixture.next("", rest.getLast().position(), QueueFixture.LONG));
    Thread.startVirtualThread(waiting);
    fixture.put("late");
    assertThat(texts(waiting.get())).containsExactly("late");
  }

  @Test
  void whatIsReadOnBehindAnItemMissesNothingWhenThePartitionWasEmptyMeanwhile() throws Exception {
    fixture.put("1");
    long seen = fixture.next("", Long.MIN_VALUE, Duration.ZERO).getLast().position();
    fixture.get(1);
    fixture.queues().removeExpired();
    fixture.put("2");
    assertThat(texts(fixture.next("", seen, Duration.ZERO))).containsExactly("2");
  }

  @Test
  void largeItemsAreLookedAtInPortions() throws Exception {
    putBytes(Collections.nCopies(10, new byte[Queues.MAX_ITEM_BYTES]));
    assertThat(fixture.next("", Long.MIN_VALUE, Duration.ZERO)).hasSize(4);
  }

  @Test
  void whatCouldNotBeDeliveredGoesBackToTheFront() throws Exception {
    fixture.put("1", "2", "3");
    List<Item> lost =
        fixture
            .queues()
            .get(OURS.workspace(), fixture.partition(""), 2, Duration.ZERO, Optional.empty());
    FutureTask<List<String>> third = fixture.startGet("", 1);
    assertThat(third.get()).containsExactly("3");
    FutureTask<List<String>> waiting = fixture.startGet("", 1);
    fixture.queues().removeExpired();
    fixture.queues().putBack(fixture.partition(""), lost);
    assertThat(waiting.get()).containsExactly("1");
    assertThat(fixture.get(9)).containsExactly("2");
    assertThat(fixture.length("")).isZero();
  }

  @Test
  void clearsOnePartitionOrAll() throws Exception {
    fixture.put("1");
    fixture.putInto("red", "r");
    fixture.putInto("blue", "b");
    fixture.queues().clear(OURS.workspace(), fixture.partition("red"));
    assertThat(fixture.length("red")).isZero();
    assertThat(fixture.queues().size(OURS.workspace(), fixture.queue()))
        .isEqualTo(new QueueSize(2, 2));
    fixture.queues().clear(OURS.workspace(), fixture.queue());
    assertThat(fixture.queues().size(OURS.workspace(), fixture.queue())).isEqualTo(QueueSize.EMPTY);
    fixture.put("again");
    assertThat(fixture.get(9)).containsExactly("again");
  }

  @Test
  void deletionSendsThoseWhoWaitAwayAndTakesTheItemsWithIt() throws Exception {
    fixture.putInto("red", "r");
    FutureTask<List<String>> waiting = fixture.startGet("", 1);
    fixture.awaitLines(1);
    fixture.queues().delete(OURS.workspace(), fixture.queue());
    // It may have been on its way to its place still, and finds the queue gone by itself then.
    assertThatThrownBy(waiting::get)
        .cause()
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
        .hasMessageContaining(fixture.queue().value());
    assertThat(fixture.count("queue_item")).isZero();
    assertKind(ErrorKind.NOT_FOUND, () -> fixture.put("1"), fixture.queue().value());
    assertKind(ErrorKind.NOT_FOUND, () -> unchecked(() -> fixture.get(1)), fixture.queue().value());
    fixture.awaitLines(0);
  }

  @Test
  void ephemeralQueuesGoWhenTheirHeartbeatsAreMissing() {
    QueueId ephemeral = new QueueId(fixture.objects().makeEphemeral(ObjectKind.QUEUE));
    Partition partition = new Partition(ephemeral, new byte[0]);
    fixture
        .queues()
        .put(OURS.workspace(), partition, List.of(new byte[1]), QueueFixture.TTL, Optional.empty());
    fixture.objects().pass(ObjectFixture.ALLOWED_SILENCE.plusSeconds(1));
    fixture.queues().deleteSilent();
    assertThat(fixture.count("queue_item")).isZero();
    assertKind(
        ErrorKind.NOT_FOUND,
        () -> fixture.queues().length(OURS.workspace(), partition),
        ephemeral.value());
  }

  @Test
  void aPutThatMeetsADeletionSaysThatTheQueueIsGone() {
    fixture.put("1");
    FIXTURE.database().jdbi().useHandle(handle -> handle.execute("delete from shared_object"));
    assertKind(ErrorKind.NOT_FOUND, () -> fixture.put("2"), fixture.queue().value());
  }

  @Test
  void strangersSeeNothing() {
    fixture.put("1");
    assertKind(
        ErrorKind.NOT_FOUND,
        () -> fixture.queues().length(THEIRS.workspace(), fixture.partition("")),
        fixture.queue().value());
    assertKind(
        ErrorKind.NOT_FOUND,
        () ->
            unchecked(() ->
                fixture
                    .queues()
                    .get(
                        THEIRS.workspace(),
                        fixture.partition(""),
                        1,
                        Duration.ZERO,
                        Optional.empty())),
        fixture.queue().value());
  }

  @Test
  void aQueueHasSoManyPartitionsAndEmptyOnesDoNotCount() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into queue_partition (queue_id, key, items, bytes, expires_at)
                select ?, ('p' || n)::bytea, case when n = 1 then 0 else 1 end, 1,
                       now() + interval '100 years'
                from generate_series(1, ?) as n
                """,
                fixture.queue().value(),
                Queues.MAX_PARTITIONS));
    fixture.putInto("instead of the empty one", "1");
    assertKind(ErrorKind.EXHAUSTED, () -> fixture.putInto("one too many", "1"), "100000");
    fixture.putInto("instead of the empty one", "2");
    assertThat(fixture.queues().sizes(List.of(fixture.queue())))
        .isEqualTo(Map.of(fixture.queue(), new QueueSize(100_000, 100_001)));
  }

  private void put(int count, String partition) {
    fixture.putInto(
        partition, IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new));
  }

  private void putBytes(List<byte[]> values) {
    fixture
        .queues()
        .put(OURS.workspace(), fixture.partition(""), values, QueueFixture.TTL, Optional.empty());
  }

  private static void unchecked(java.util.concurrent.Callable<?> action) {
    try {
      action.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void assertTooLarge(Runnable action, String size) {
    assertKind(ErrorKind.INVALID, action, size, TooLarge.PHRASE);
  }

  private static void assertKind(ErrorKind kind, Runnable action, String... parts) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(kind);
              assertThat(e.getMessage()).contains(parts);
            });
  }
}
