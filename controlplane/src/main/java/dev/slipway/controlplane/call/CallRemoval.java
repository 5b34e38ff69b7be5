package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.model.CallId;

/// Removes calls that nobody will ask for any more, from the memory and from the database.
final class CallRemoval {
  private final CallMemory memory;
  private final GroupCommit commits;
  private final DataChannels channels;

  CallRemoval(CallMemory memory, GroupCommit commits, DataChannels channels) {
    this.memory = memory;
    this.commits = commits;
    this.channels = channels;
  }

  void remove(CallId id) {
    channels.forget(id);
    memory.findLoaded(id).ifPresent(memory::forget);
    commits.later(CallStore.removal(id));
  }
}
