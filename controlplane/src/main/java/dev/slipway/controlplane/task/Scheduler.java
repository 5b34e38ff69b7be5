package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.Attempts;
import dev.slipway.controlplane.call.Calls;
import dev.slipway.controlplane.call.Deadlines;
import dev.slipway.controlplane.call.Demand;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.TaskId;
import dev.slipway.scheduling.Autoscaler;
import dev.slipway.scheduling.ContainerSnapshot;
import dev.slipway.scheduling.FunctionSnapshot;
import dev.slipway.scheduling.Placement;
import dev.slipway.scheduling.ScalePlan;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies the autoscaler's plans. One thread decides, woken by whatever changes a function's
/// demand or containers; carrying a plan out happens elsewhere, so that a slow start holds no
/// decision up.
public final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /// What the scheduler tells the rest of the task package.
  interface Executor {
    /// Starts a placed task; runs on a thread of its own.
    void start(Task task, FunctionSpec spec);

    /// Ends a task that has nothing to do or whose app is over.
    void stop(Task task, StopCause cause, String reason);

    /// Ends a task when it has finished what it works on; it gets nothing more.
    void retire(Task task, StopCause cause, String reason);
  }

  private final Apps apps;
  private final Functions functions;
  private final Calls calls;
  private final Attempts attempts;
  private final Tasks tasks;
  private final Machines machines;
  private final Breakdowns breakdowns;
  private final Executor executor;
  private final IdSource ids;
  private final Deadlines deadlines;
  private final Clock clock;
  private final Autoscaler autoscaler = new Autoscaler();
  private final Placement placement = new Placement();

  private final LinkedBlockingQueue<FunctionId> woken = new LinkedBlockingQueue<>();
  private final Set<FunctionId> queued = ConcurrentHashMap.newKeySet();

  /// Functions that need more containers than the machines have room for.
  private final Set<FunctionId> cramped = ConcurrentHashMap.newKeySet();

  private final Map<FunctionId, Future<?>> alarms = new ConcurrentHashMap<>();
  private final Map<FunctionId, String> reasons = new ConcurrentHashMap<>();
  private volatile boolean closed;
  private final Thread thread;

  Scheduler(
      Apps apps,
      Functions functions,
      Calls calls,
      Attempts attempts,
      Tasks tasks,
      Machines machines,
      Breakdowns breakdowns,
      Executor executor,
      IdSource ids,
      Deadlines deadlines,
      Clock clock) {
    this.apps = apps;
    this.functions = functions;
    this.calls = calls;
    this.attempts = attempts;
    this.tasks = tasks;
    this.machines = machines;
    this.breakdowns = breakdowns;
    this.executor = executor;
    this.ids = ids;
    this.deadlines = deadlines;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("scheduler").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Something about the function has changed: decide again.
  void wake(FunctionId function) {
    if (queued.add(function)) {
      woken.add(function);
    }
  }

  /// Room became free somewhere: those that wait for it decide again.
  void wakeCramped() {
    cramped.forEach(this::wake);
  }

  /// Why the function has the containers that it has.
  public String reason(FunctionId function) {
    return reasons.getOrDefault(function, "nothing was asked of it yet");
  }

  private void run() {
    while (!closed) {
      try {
        FunctionId function = woken.take();
        // From here on a change queues the function again.
        queued.remove(function);
        decide(function);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("a scheduling decision failed", e);
      }
    }
  }

  private void decide(FunctionId function) {
    Future<?> alarm = alarms.remove(function);
    if (alarm != null) {
      alarm.cancel(false);
    }
    FunctionSpec spec = functions.requireSpec(function);
    List<Task> live = tasks.listOf(function);
    live.forEach(task -> replaceOutdated(task, spec));
    Demand demand = calls.demand(function);
    FunctionSnapshot snapshot =
        new FunctionSnapshot(
            apps.isActive(spec.app()),
            spec.scaling(),
            demand.waiting(),
            live.stream().map(task -> snapshot(task, demand)).toList(),
            breakdowns.notBefore(function));
    Instant now = clock.instant();
    ScalePlan plan = autoscaler.decide(snapshot, now);
    explain(
        spec,
        plan.start() > 0 ? plan.reason() : breakdowns.complaint(function).orElse(plan.reason()));
    plan.stop().forEach(task -> stop(task, function, snapshot.active(), plan.reason()));
    if (plan.start() > 0) {
      place(spec, plan.start(), plan.reason());
    } else {
      cramped.remove(function);
    }
    plan.lookAgainAt()
        .ifPresent(at ->
            alarms.put(function, deadlines.after(Duration.between(now, at), () -> wake(function))));
  }

  /// New inputs go to containers of the valid definition only.
  private void replaceOutdated(Task task, FunctionSpec spec) {
    boolean outdated = !task.definitionId().equals(spec.definitionId());
    if (outdated && task.state().compareTo(TaskState.LEAVING) < 0) {
      executor.retire(task, StopCause.REPLACED, "a newer version of its function was deployed");
    }
  }

  private static ContainerSnapshot snapshot(Task task, Demand demand) {
    Task.View view = task.view();
    ContainerSnapshot.Phase phase =
        switch (view.state()) {
          case PLACED, STARTED -> ContainerSnapshot.Phase.STARTING;
          case READY -> ContainerSnapshot.Phase.READY;
          case LEAVING, ENDED -> ContainerSnapshot.Phase.LEAVING;
        };
    Demand.Load load = demand.loads().get(task.id());
    return load == null
        ? new ContainerSnapshot(task.id(), phase, 0, task.placedAt())
        : new ContainerSnapshot(task.id(), phase, load.runningInputs(), load.idleSince());
  }

  private void explain(FunctionSpec spec, String reason) {
    String before = reasons.put(spec.id(), reason);
    if (!reason.equals(before)) {
      log.debug("function {} ({}): {}", spec.name(), spec.id(), reason);
    }
  }

  private void stop(TaskId id, FunctionId function, boolean appActive, String reason) {
    tasks
        .findLive(id)
        .ifPresent(task -> {
          if (!appActive) {
            executor.stop(task, StopCause.APP_STOPPED, reason);
          } else if (attempts.closeIfIdle(id, function)) {
            executor.stop(task, StopCause.IDLE, reason);
          }
        });
  }

  private void place(FunctionSpec spec, int count, String why) {
    App app = apps.find(spec.app()).orElseThrow();
    List<String> placed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      switch (placement.place(spec.resources(), tasks.snapshot(machines.list()))) {
        case Placement.Decision.Wait(String reason) -> {
          cramped.add(spec.id());
          explain(spec, reason);
          return;
        }
        case Placement.Decision.Place(String workerId, String where) -> {
          TaskId id = ids.nextTask();
          Task task =
              new Task(
                  id,
                  spec.id(),
                  spec.definitionId(),
                  spec.app(),
                  workerId,
                  spec.resources(),
                  new Caller.Task(id, app.workspace(), app.environment(), app.environmentName()),
                  clock.instant());
          tasks.add(task);
          placed.add(id + " " + where);
          Thread.ofVirtual().name("start-" + id).start(() -> executor.start(task, spec));
        }
      }
    }
    cramped.remove(spec.id());
    log.info("function {} gets {}: {}", spec.name(), why, placed);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
