package dev.slipway.controlplane.call;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/// Time that passes when the test says so. What falls due meanwhile happens before [#advance]
/// returns, in order, on the thread of the test.
public final class MovedClock extends Clock {
  private record Alarm(Instant at, Runnable action, CompletableFuture<Void> handle) {}

  private final List<Alarm> alarms = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /// The deadlines that this clock drives.
  public Deadlines deadlines() {
    return new Deadlines() {
      @Override
      public Future<?> after(Duration delay, Runnable action) {
        return add(delay, action);
      }
    };
  }

  private synchronized Future<?> add(Duration delay, Runnable action) {
    CompletableFuture<Void> handle = new CompletableFuture<>();
    alarms.add(new Alarm(now.plus(delay), action, handle));
    notifyAll();
    return handle;
  }

  /// Waits until somebody wants to be woken within this time. Whoever looks at the time first and
  /// then says how long to wait would wait too long if it were advanced in between.
  public synchronized void awaitAlarm(Duration within) throws InterruptedException {
    while (alarms.stream()
        .noneMatch(
            alarm -> !alarm.handle().isCancelled() && !alarm.at().isAfter(now.plus(within)))) {
      wait();
    }
  }

  public void advance(Duration step) {
    Instant end = instant().plus(step);
    Optional<Alarm> due = nextDue(end);
    while (due.isPresent()) {
      due.get().action().run();
      due = nextDue(end);
    }
    synchronized (this) {
      now = end;
    }
  }

  private synchronized Optional<Alarm> nextDue(Instant end) {
    alarms.removeIf(alarm -> alarm.handle().isCancelled());
    Optional<Alarm> next =
        alarms.stream()
            .filter(alarm -> !alarm.at().isAfter(end))
            .min(Comparator.comparing(Alarm::at));
    next.ifPresent(alarm -> {
      alarms.remove(alarm);
      if (alarm.at().isAfter(now)) {
        now = alarm.at();
      }
    });
    return next;
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
