package dev.slipway.controlplane.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.FunctionId;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What wakes the scheduler.
@Timeout(30)
class ChangesTest {
  private static final FunctionId ONE = new FunctionId("fu-1");
  private static final FunctionId OTHER = new FunctionId("fu-2");

  private final Changes changes = new Changes();

  @Test
  void allThatCameIsTakenOnce() throws Exception {
    changes.addLess(ONE);
    changes.add(Optional.empty());
    changes.add(Optional.of(OTHER));
    changes.addLess(ONE);

    assertThat(changes.take())
        .containsExactly(Optional.of(ONE), Optional.empty(), Optional.of(OTHER));

    changes.add(Optional.of(OTHER));
    assertThat(changes.take()).containsExactly(Optional.of(OTHER));
  }

  @Test
  void oneThatIsNotUrgentIsTakenThoughNothingElseComes() throws Exception {
    changes.addLess(ONE);

    assertThat(changes.take()).containsExactly(Optional.of(ONE));
  }

  @Test
  void whoeverWaitsIsWokenByAChange() throws Exception {
    for (boolean urgent : new boolean[] {true, false}) {
      CompletableFuture<Set<Optional<FunctionId>>> taken = new CompletableFuture<>();
      Thread waiter =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  taken.complete(changes.take());
                } catch (InterruptedException e) {
                  taken.completeExceptionally(e);
                }
              });
      while (waiter.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      if (urgent) {
        changes.add(Optional.of(ONE));
      } else {
        changes.addLess(ONE);
      }

      assertThat(taken.get(20, TimeUnit.SECONDS)).containsExactly(Optional.of(ONE));
    }
  }
}
