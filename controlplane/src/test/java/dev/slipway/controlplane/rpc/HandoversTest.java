package dev.slipway.controlplane.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Something handed over is got once, or given back.
class HandoversTest {
  private static final Optional<ReplyMemory.Key> KEY =
      Optional.of(
          new ReplyMemory.Key(
              "service/Get", new Caller.Client(new WorkspaceId("ac-1"), "ak-1"), "key"));

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger givenBack = new AtomicInteger();
  private final Handovers handovers = new Handovers(now::get, 2, 1_000);

  @Test
  void aReplyThatWentOutIsTheAnswerToALaterAttempt() throws Exception {
    Handovers.Delivery<StringValue> first = obtain();
    first.delivered();
    Handovers.Delivery<StringValue> second = obtain();
    second.undelivered();

    assertThat(second.reply()).isEqualTo(first.reply());
    assertThat(taken).hasValue(1);
    assertThat(givenBack).as("the first attempt may have got it").hasValue(0);
    assertThat(arrived).hasValue(1);
    assertThat(handovers.underWay()).isZero();
  }

  @Test
  void aReplyThatNobodyGotIsGivenBackAndTheNextAttemptTakesAnew() throws Exception {
    obtain().undelivered();
    assertThat(givenBack).hasValue(1);
    assertThat(obtain().reply().getValue()).isEqualTo("2");
  }

  @Test
  void twoAttemptsThatSendTheSameReplyGiveItBackOnlyWhenBothFailed() throws Exception {
    Handovers.Delivery<StringValue> first = obtain();
    Handovers.Delivery<StringValue> second = obtain();
    first.undelivered();
    assertThat(givenBack).hasValue(0);
    second.undelivered();
    assertThat(givenBack).hasValue(1);
    assertThat(arrived).hasValue(0);
    assertThat(handovers.underWay()).isZero();
  }

  @Test
  void oneOfTwoAttemptsThatArrivesIsEnough() throws Exception {
    Handovers.Delivery<StringValue> first = obtain();
    Handovers.Delivery<StringValue> second = obtain();
    second.delivered();
    first.undelivered();
    assertThat(givenBack).hasValue(0);
  }

  @Test
  void aSecondAttemptTakesThePlaceOfOneThatStillWaits() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first =
          threads.submit(() ->
              handovers.obtain(
                  KEY,
                  () -> {
                    waiting.countDown();
                    new CountDownLatch(1).await();
                    return take();
                  }));
      waiting.await();
      assertThat(obtain().reply().getValue()).isEqualTo("1");
      assertThatThrownBy(first::get).hasCauseInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aFailureIsNotRemembered() throws Exception {
    assertThatThrownBy(() ->
            handovers.obtain(
                KEY,
                () -> {
                  throw new IllegalStateException("nothing there");
                }))
        .hasMessage("nothing there");
    assertThat(handovers.underWay()).isZero();
    assertThat(obtain().reply().getValue()).isEqualTo("1");
  }

  @Test
  void forgetsAfterSomeMinutes() throws Exception {
    obtain().delivered();
    now.set(Instant.EPOCH.plus(ReplyMemory.KEPT_FOR));
    assertThat(obtain().reply().getValue()).isEqualTo("2");
  }

  @Test
  void withoutAKeyEveryAttemptIsACallOfItsOwn() throws Exception {
    Handovers.Delivery<StringValue> lost = handovers.obtain(Optional.empty(), this::take);
    lost.undelivered();
    handovers.obtain(Optional.empty(), this::take).delivered();
    assertThat(taken).hasValue(2);
    assertThat(givenBack).hasValue(1);
  }

  private Handovers.Delivery<StringValue> obtain() throws Exception {
    return handovers.obtain(KEY, this::take);
  }

  private Handover<StringValue> take() {
    return new Handover<>(
        StringValue.of(Integer.toString(taken.incrementAndGet())),
        arrived::incrementAndGet,
        givenBack::incrementAndGet);
  }
}
