package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.Calls;
import dev.slipway.controlplane.call.Demand;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.model.FunctionId;
import dev.slipway.scheduling.ContainerSnapshot;
import dev.slipway.scheduling.FunctionSnapshot;
import dev.slipway.scheduling.Pace;
import dev.slipway.scheduling.ScalingSettings;
import dev.slipway.scheduling.Tenant;
import dev.slipway.scheduling.WorkerSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What decisions look at: functions, containers and machines as they are at one moment.
final class Snapshots {
  private final Apps apps;
  private final Functions functions;
  private final Calls calls;
  private final Tasks tasks;
  private final Machines machines;
  private final Breakdowns breakdowns;
  private final StartTimes startTimes;

  Snapshots(
      Apps apps,
      Functions functions,
      Calls calls,
      Tasks tasks,
      Machines machines,
      Breakdowns breakdowns,
      StartTimes startTimes) {
    this.apps = apps;
    this.functions = functions;
    this.calls = calls;
    this.tasks = tasks;
    this.machines = machines;
    this.breakdowns = breakdowns;
    this.startTimes = startTimes;
  }

  FunctionSnapshot function(FunctionSpec spec) {
    Demand demand = calls.demand(spec.id());
    return new FunctionSnapshot(
        apps.isActive(spec.app()),
        spec.scaling(),
        demand.waiting(),
        demand.oldestWaiting(),
        tasks.listOf(spec.id()).stream().map(task -> container(task, spec, demand)).toList(),
        breakdowns.notBefore(spec.id()),
        new Pace(demand.service(), startTimes.typical(spec.id())),
        cores(),
        saturated());
  }

  List<WorkerSnapshot> workers() {
    return tasks.snapshot(machines.list());
  }

  /// Every function that has containers.
  List<Tenant> tenants() {
    Map<FunctionId, List<Task>> byFunction = new HashMap<>();
    for (Task task : tasks.listLive()) {
      byFunction.computeIfAbsent(task.function(), f -> new ArrayList<>()).add(task);
    }
    List<Tenant> tenants = new ArrayList<>();
    byFunction.forEach((function, here) -> {
      FunctionSpec spec = functions.requireSpec(function);
      Demand demand = calls.demand(function);
      tenants.add(
          new Tenant(
              function,
              spec.app(),
              apps.isActive(spec.app()) ? spec.scaling().minContainers() : 0,
              demand.waiting() > 0,
              here.stream()
                  .map(task ->
                      new Tenant.Place(
                          container(task, spec, demand), task.workerId(), task.resources()))
                  .toList()));
    });
    return tenants;
  }

  private boolean saturated() {
    List<Machines.Machine> all = machines.list();
    return !all.isEmpty() && all.stream().allMatch(Machines.Machine::saturated);
  }

  private int cores() {
    int milli = machines.list().stream().mapToInt(Machines.Machine::milliCpu).sum();
    return Math.max(1, milli / 1_000);
  }

  private static ContainerSnapshot container(Task task, FunctionSpec spec, Demand demand) {
    Task.View view = task.view();
    ContainerSnapshot.Phase phase =
        switch (view.state()) {
          case PLACED, STARTED -> ContainerSnapshot.Phase.STARTING;
          // One that serves a single input takes no other.
          case READY ->
              view.served() && spec.scaling().intake() == ScalingSettings.Intake.ONCE
                  ? ContainerSnapshot.Phase.LEAVING
                  : ContainerSnapshot.Phase.READY;
          case LEAVING, ENDED -> ContainerSnapshot.Phase.LEAVING;
        };
    Demand.Load load = demand.loads().get(task.id());
    return load == null || phase == ContainerSnapshot.Phase.STARTING
        ? new ContainerSnapshot(task.id(), phase, 0, task.placedAt())
        : new ContainerSnapshot(task.id(), phase, load.runningInputs(), load.since());
  }
}
