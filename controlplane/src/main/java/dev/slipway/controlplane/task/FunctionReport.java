package dev.slipway.controlplane.task;

import dev.slipway.controlplane.call.Calls;
import dev.slipway.controlplane.call.Demand;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.function.LiveFunctions;
import dev.slipway.model.FunctionId;
import dev.slipway.scheduling.FunctionSnapshot;

/// What functions are doing now, for those who ask.
final class FunctionReport implements LiveFunctions {
  private final Functions functions;
  private final Calls calls;
  private final Snapshots snapshots;
  private final Scheduler scheduler;

  FunctionReport(Functions functions, Calls calls, Snapshots snapshots, Scheduler scheduler) {
    this.functions = functions;
    this.calls = calls;
    this.snapshots = snapshots;
    this.scheduler = scheduler;
  }

  @Override
  public Now now(FunctionId function) {
    FunctionSpec spec = functions.requireSpec(function);
    Demand demand = calls.demand(function);
    FunctionSnapshot snapshot = snapshots.function(spec);
    return new Now(
        demand.waiting() + demand.delayed(),
        demand.running(),
        snapshot.usable(),
        snapshot.headroom());
  }

  @Override
  public boolean isFull(FunctionId function) {
    FunctionSnapshot snapshot = snapshots.function(functions.requireSpec(function));
    int limit = snapshot.settings().maxContainers();
    return snapshot.waitingInputs() > 0
        && ((limit > 0 && snapshot.usable() >= limit) || scheduler.lacksRoom(function));
  }

  @Override
  public void settingsChanged(FunctionId function) {
    scheduler.wake(function);
  }
}
