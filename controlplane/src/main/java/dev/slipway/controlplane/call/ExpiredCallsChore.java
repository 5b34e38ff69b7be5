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

  private final CallMemory memory;
  private final Calls calls;
  private final DataChannels channels;
  private final Clock clock;

  ExpiredCallsChore(CallMemory memory, Calls calls, DataChannels channels, Clock clock) {
    this.memory = memory;
    this.calls = calls;
    this.channels = channels;
    this.clock = clock;
  }

  @Override
  public void run() {
    for (Call call : memory.listAcknowledged()) {
      channels.forget(call.id);
      calls.discard(call);
    }
    memory.shrink().forEach(channels::forget);
    calls
        .discardFinishedBefore(clock.instant().minus(KEEP_RESULTS), REMOVED_PER_ROUND)
        .forEach(channels::forget);
  }
}
