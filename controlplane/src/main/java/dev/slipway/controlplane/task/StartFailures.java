package dev.slipway.controlplane.task;

import dev.slipway.model.FunctionId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;

/// Remembers functions whose containers fail to start, and makes them wait longer and longer.
final class StartFailures {
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
  private static final int MAX_DOUBLINGS = 7;

  private record Failures(int inARow, Instant notBefore) {}

  private final ConcurrentHashMap<FunctionId, Failures> failures = new ConcurrentHashMap<>();
  private final Clock clock;

  StartFailures(Clock clock) {
    this.clock = clock;
  }

  /// Counts one more; returns how many there were in a row.
  int add(FunctionId function) {
    Instant now = clock.instant();
    return failures
        .merge(
            function,
            new Failures(1, now.plus(FIRST_WAIT)),
            (before, one) -> {
              int inARow = before.inARow() + 1;
              Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(inARow - 1, MAX_DOUBLINGS));
              return new Failures(
                  inARow, now.plus(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT));
            })
        .inARow();
  }

  void clear(FunctionId function) {
    failures.remove(function);
  }

  Instant notBefore(FunctionId function) {
    Failures known = failures.get(function);
    return known == null ? Instant.EPOCH : known.notBefore();
  }
}
