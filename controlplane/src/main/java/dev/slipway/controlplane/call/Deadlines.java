package dev.slipway.controlplane.call;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs things when their time has come: input timeouts, retry delays, grace periods. One thread
/// keeps the time; what falls due runs on a virtual thread of its own.
public class Deadlines implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  public Deadlines() {
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("deadlines").daemon().factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  public Future<?> after(Duration delay, Runnable action) {
    return timer.schedule(
        () -> {
          Thread.startVirtualThread(action);
        },
        Math.max(0, delay.toNanos()),
        TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
