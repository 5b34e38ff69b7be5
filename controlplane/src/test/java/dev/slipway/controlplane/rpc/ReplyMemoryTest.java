package dev.slipway.controlplane.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReplyMemoryTest {
  private static final Caller ALICE = new Caller.Client(new WorkspaceId("ac-1"), "ak-1");
  private static final Caller BOB = new Caller.Client(new WorkspaceId("ac-2"), "ak-2");

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final AtomicInteger carriedOut = new AtomicInteger();
  private final ReplyMemory memory = new ReplyMemory(now::get, 3, 1_000);

  @Test
  void givesARepeatedAttemptTheFirstReply() throws Exception {
    assertThat(call(ALICE, "a")).isEqualTo("1");
    assertThat(call(ALICE, "a")).isEqualTo("1");
    assertThat(call(ALICE, "b")).isEqualTo("2");
  }

  @Test
  void neverGivesOneCallerTheReplyOfAnother() throws Exception {
    assertThat(call(ALICE, "a")).isEqualTo("1");
    assertThat(call(BOB, "a")).isEqualTo("2");
  }

  @Test
  void forgetsAfterSomeMinutes() throws Exception {
    call(ALICE, "a");
    now.set(Instant.EPOCH.plus(ReplyMemory.KEPT_FOR).minus(Duration.ofMillis(1)));
    assertThat(call(ALICE, "a")).isEqualTo("1");
    now.set(Instant.EPOCH.plus(ReplyMemory.KEPT_FOR));
    assertThat(call(ALICE, "a")).isEqualTo("2");
  }

  @Test
  void keepsNoMoreThanItsLimits() throws Exception {
    for (String key : new String[] {"a", "b", "c", "d"}) {
      call(ALICE, key);
    }
    assertThat(call(ALICE, "d")).isEqualTo("4");
    assertThat(call(ALICE, "a")).as("the oldest went first").isEqualTo("5");

    memory.once(key(ALICE, "large"), () -> StringValue.of("x".repeat(2_000)));
    assertThat(call(ALICE, "d")).as("a large reply drives out the others").isEqualTo("6");
  }

  @Test
  void remembersNoFailures() {
    assertThatThrownBy(() ->
            memory.once(
                key(ALICE, "a"),
                () -> {
                  throw new IllegalStateException("first");
                }))
        .hasMessage("first");
    assertThat(callUnchecked(ALICE, "a")).isEqualTo("1");
  }

  @Test
  void letsAnAttemptWaitForTheOneUnderWay() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first =
          threads.submit(() ->
              memory
                  .once(
                      key(ALICE, "a"),
                      () -> {
                        started.countDown();
                        finish.await();
                        return reply();
                      })
                  .getValue());
      started.await();
      Future<String> second = threads.submit(() -> call(ALICE, "a"));
      finish.countDown();
      assertThat(first.get()).isEqualTo("1");
      assertThat(second.get()).isEqualTo("1");
    }
  }

  @Test
  void refusesKeysThatAreTooLong() {
    assertThatThrownBy(() -> key(ALICE, "k".repeat(ReplyMemory.MAX_KEY_LENGTH + 1)))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("128");
  }

  private String callUnchecked(Caller caller, String key) {
    try {
      return call(caller, key);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private String call(Caller caller, String key) throws Exception {
    return memory.once(key(caller, key), this::reply).getValue();
  }

  private StringValue reply() {
    return StringValue.of(Integer.toString(carriedOut.incrementAndGet()));
  }

  private static ReplyMemory.Key key(Caller caller, String key) {
    return new ReplyMemory.Key("Service/Method", caller, key);
  }
}
