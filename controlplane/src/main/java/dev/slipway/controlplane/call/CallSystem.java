package dev.slipway.controlplane.call;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.model.IdSource;
import java.time.Clock;

/// The parts of calls, wired together: they share one memory.
///
/// @param calls making, putting, cancelling
/// @param attempts what containers do with inputs
/// @param outputs reading results
/// @param channels what generators yield
/// @param standings where the inputs of a call are
/// @param timelines when each step of the latest inputs happened
public record CallSystem(
    Calls calls,
    Attempts attempts,
    Outputs outputs,
    DataChannels channels,
    Standings standings,
    Timelines timelines,
    ExpiredCallsChore chore,
    Runnable load) {

  /// @param containers told when demand changes
  public static CallSystem create(
      CallStore store,
      GroupCommit commits,
      Functions functions,
      Apps apps,
      CallLimits limits,
      IdSource ids,
      Clock clock,
      Deadlines deadlines,
      Containers containers) {
    CallMemory memory =
        new CallMemory(store, app -> apps.find(app).orElseThrow().workspace(), clock);
    Timelines timelines = new Timelines();
    DataChannels channels = new DataChannels(store, commits);
    CallRemoval removal = new CallRemoval(memory, commits, channels);
    Retirement retirement =
        new Retirement(
            memory,
            commits,
            deadlines,
            clock,
            limits.finishedBytes(),
            removal::remove,
            channels::forget);
    Settlement settlement = new Settlement(memory, commits, deadlines, clock, retirement::makeRoom);
    Calls calls = new Calls(memory, commits, ids, clock, limits, settlement, containers, timelines);
    return new CallSystem(
        calls,
        new Attempts(memory, settlement, functions, commits, deadlines, containers, clock),
        new Outputs(memory, calls, clock),
        channels,
        new Standings(memory),
        timelines,
        new ExpiredCallsChore(retirement, removal, store, clock),
        calls::load);
  }

  /// The outcome in which a container's message about why it cannot start becomes the result of
  /// inputs.
  public Outcome startupFailure(byte[] result) {
    return CallTranslation.startupFailure(result);
  }
}
