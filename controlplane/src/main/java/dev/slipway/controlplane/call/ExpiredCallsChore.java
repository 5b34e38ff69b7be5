package dev.slipway.controlplane.call;

import java.time.Clock;
import java.time.Duration;

/// Removes calls that nobody will ask for any more, from the memory and from the database. What is
/// not finished stays, however old it is.
public final class ExpiredCallsChore implements Runnable {
  /// How long the results of a call are kept for those who did not wait for them, from the last one
  /// on.
  public static final Duration KEEP_RESULTS = Duration.ofDays(7);

  private static final int REMOVED_PER_ROUND = 500;

  private final Retirement retirement;
  private final CallRemoval removal;
  private final CallStore store;
  private final Clock clock;

  ExpiredCallsChore(Retirement retirement, CallRemoval removal, CallStore store, Clock clock) {
    this.retirement = retirement;
    this.removal = removal;
    this.store = store;
    this.clock = clock;
  }

  @Override
  public void run() {
    retirement.run();
    store
        .listFinishedBefore(clock.instant().minus(KEEP_RESULTS), REMOVED_PER_ROUND)
        .forEach(removal::remove);
  }
}
