package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.model.CallId;
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
  private final CallStore store;
  private final GroupCommit commits;
  private final DataChannels channels;
  private final Clock clock;

  ExpiredCallsChore(
      CallMemory memory, CallStore store, GroupCommit commits, DataChannels channels, Clock clock) {
    this.memory = memory;
    this.store = store;
    this.commits = commits;
    this.channels = channels;
    this.clock = clock;
  }

  @Override
  public void run() {
    memory.listAcknowledged().forEach(call -> remove(call.id));
    memory.shrink().forEach(channels::forget);
    store
        .listFinishedBefore(clock.instant().minus(KEEP_RESULTS), REMOVED_PER_ROUND)
        .forEach(this::remove);
  }

  private void remove(CallId id) {
    channels.forget(id);
    memory.findLoaded(id).ifPresent(memory::forget);
    commits.later(CallStore.removal(id));
  }
}
