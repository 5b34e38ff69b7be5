package dev.slipway.launcher;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs every periodic chore. A chore that fails is tried again in its next round; two rounds of
/// one chore never overlap.
final class Chores implements AutoCloseable {
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration HOUR = Duration.ofHours(1);

  private static final Logger log = LoggerFactory.getLogger(Chores.class);

  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(2, Thread.ofPlatform().name("chores-", 0).daemon().factory());

  void every(Duration period, Runnable chore) {
    executor.scheduleWithFixedDelay(
        () -> {
          try {
            chore.run();
          } catch (RuntimeException e) {
            log.warn("{} failed; its next round tries again", chore.getClass().getSimpleName(), e);
          }
        },
        period.toMillis(),
        period.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    executor.shutdownNow();
    executor.awaitTermination(5, TimeUnit.SECONDS);
  }
}
