package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.Attempts;
import dev.slipway.controlplane.call.Deadlines;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.TaskId;
import dev.slipway.scheduling.Admission;
import dev.slipway.scheduling.Admissions;
import dev.slipway.scheduling.Autoscaler;
import dev.slipway.scheduling.Claim;
import dev.slipway.scheduling.ContainerSnapshot;
import dev.slipway.scheduling.FunctionSnapshot;
import dev.slipway.scheduling.ScalePlan;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies the autoscaler's plans, and shares the machines among the functions. One thread decides,
/// woken by whatever changes a function's demand or containers; carrying a plan out happens
/// elsewhere, so that a slow start holds no decision up.
public final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /// How long inputs wait for a machine that could hold their container when none is attached that
  /// ever could. A machine may be on its way; past this the callers are told.
  static final Duration IMPOSSIBLE_FOR = Duration.ofSeconds(30);

  /// What the scheduler tells the rest of the task package.
  interface Executor {
    /// Starts a placed task; runs on a thread of its own.
    void start(Task task, FunctionSpec spec);

    /// Ends a task that has nothing to do or whose app is over.
    void stop(Task task, StopCause cause, String reason);

    /// Ends a task when it has finished what it works on; it gets nothing more.
    void retire(Task task, StopCause cause, String reason);

    /// Ends the function's waiting inputs: no container can ever run them.
    void refuse(FunctionId function, String reason);
  }

  private final Apps apps;
  private final Functions functions;
  private final Attempts attempts;
  private final Tasks tasks;
  private final Snapshots snapshots;
  private final Breakdowns breakdowns;
  private final Executor executor;
  private final IdSource ids;
  private final Deadlines deadlines;
  private final Clock clock;
  private final Autoscaler autoscaler = new Autoscaler();
  private final Admission admission = new Admission();

  private final Changes changes = new Changes();

  /// What functions want and do not have. Only the scheduler's thread touches it.
  private final Map<FunctionId, Claim> claims = new HashMap<>();

  private final Map<FunctionId, Future<?>> alarms = new ConcurrentHashMap<>();
  private @Nullable Future<?> roomAlarm;
  private final Map<FunctionId, String> reasons = new ConcurrentHashMap<>();

  /// Why what a function wants is not there yet.
  private final Map<FunctionId, String> waits = new ConcurrentHashMap<>();

  private volatile boolean closed;
  private final Thread thread;

  Scheduler(
      Apps apps,
      Functions functions,
      Attempts attempts,
      Tasks tasks,
      Snapshots snapshots,
      Breakdowns breakdowns,
      Executor executor,
      IdSource ids,
      Deadlines deadlines,
      Clock clock) {
    this.apps = apps;
    this.functions = functions;
    this.attempts = attempts;
    this.tasks = tasks;
    this.snapshots = snapshots;
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
    changes.add(Optional.of(function));
  }

  /// A container of the function has less to do: look at it some time soon.
  void wakeSoon(FunctionId function) {
    changes.addLess(function);
  }

  /// Room became free somewhere: those that wait for it may get it.
  void roomChanged() {
    changes.add(Optional.empty());
  }

  /// Why the function has the containers that it has.
  String reason(FunctionId function) {
    String reason = reasons.getOrDefault(function, "nothing was asked of it yet");
    return Optional.ofNullable(waits.get(function)).map(w -> reason + "; " + w).orElse(reason);
  }

  /// Whether the function wants containers for which there is no room.
  boolean lacksRoom(FunctionId function) {
    return waits.containsKey(function);
  }

  private void run() {
    while (!closed) {
      try {
        decide(changes.take());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void decide(Set<Optional<FunctionId>> changed) {
    boolean wanting = false;
    for (Optional<FunctionId> change : changed) {
      try {
        if (change.isPresent()) {
          wanting |= decide(change.get());
        } else {
          wanting = true;
        }
      } catch (RuntimeException e) {
        log.error("a scheduling decision on {} failed", change, e);
      }
    }
    try {
      if (wanting && !claims.isEmpty()) {
        admit();
      }
    } catch (RuntimeException e) {
      log.error("sharing the machines failed", e);
    }
  }

  /// Decides on one function; true when it wants containers.
  private boolean decide(FunctionId function) {
    Future<?> alarm = alarms.remove(function);
    if (alarm != null) {
      alarm.cancel(false);
    }
    FunctionSpec spec = functions.requireSpec(function);
    tasks.listOf(function).forEach(task -> replaceOutdated(task, spec));
    FunctionSnapshot snapshot = snapshots.function(spec);
    Instant now = clock.instant();
    ScalePlan plan = autoscaler.decide(snapshot, now);
    explain(
        spec,
        plan.start() > 0 ? plan.reason() : breakdowns.complaint(function).orElse(plan.reason()));
    plan.stop().forEach(task -> stop(task, spec, StopCause.IDLE, plan.reason()));
    plan.retire().forEach(task -> retire(task, StopCause.IDLE, plan.reason()));
    plan.lookAgainAt()
        .ifPresent(at ->
            alarms.put(function, deadlines.after(Duration.between(now, at), () -> wake(function))));
    if (plan.start() > 0) {
      claims.put(function, claim(spec, snapshot, plan.start(), now));
      return true;
    }
    withdraw(function);
    if (!snapshot.active() && snapshot.containers().isEmpty()) {
      reasons.remove(function);
    }
    return false;
  }

  private Claim claim(FunctionSpec spec, FunctionSnapshot snapshot, int wanted, Instant now) {
    int has =
        (int)
            snapshot.containers().stream()
                .filter(c -> c.phase() != ContainerSnapshot.Phase.LEAVING)
                .count();
    Claim before = claims.get(spec.id());
    // One that has lost its last container begins to wait for the next only now.
    boolean goesOn = before != null && (has > 0 || before.has() == 0);
    return new Claim(
        spec.id(),
        spec.app(),
        spec.resources(),
        wanted,
        has,
        snapshot.waitingInputs() > 0,
        attempts.isWaitedForInside(spec.id()),
        before != null && goesOn ? before.since() : now);
  }

  private void withdraw(FunctionId function) {
    claims.remove(function);
    waits.remove(function);
  }

  /// New inputs go to containers of the valid definition only.
  private void replaceOutdated(Task task, FunctionSpec spec) {
    boolean outdated = !task.definitionId().equals(spec.definitionId());
    if (outdated && task.state().compareTo(TaskState.LEAVING) < 0) {
      executor.retire(task, StopCause.REPLACED, "a newer version of its function was deployed");
    }
  }

  private void explain(FunctionSpec spec, String reason) {
    String before = reasons.put(spec.id(), reason);
    if (!reason.equals(before)) {
      log.debug("function {} ({}): {}", spec.name(), spec.id(), reason);
    }
  }

  private void stop(TaskId id, FunctionSpec spec, StopCause cause, String reason) {
    tasks
        .findLive(id)
        .ifPresent(task -> {
          if (!apps.isActive(spec.app())) {
            executor.stop(task, StopCause.APP_STOPPED, reason);
          } else if (attempts.closeIfIdle(id, spec.id())) {
            executor.stop(task, cause, reason);
          }
        });
  }

  private void retire(TaskId id, StopCause cause, String reason) {
    tasks.findLive(id).ifPresent(task -> executor.retire(task, cause, reason));
  }

  /// Gives out the room that there is, and makes room where that is fair.
  private void admit() {
    if (roomAlarm != null) {
      roomAlarm.cancel(false);
    }
    Instant now = clock.instant();
    Admissions admissions =
        admission.decide(
            snapshots.workers(), List.copyOf(claims.values()), snapshots.tenants(), now);
    Map<FunctionId, List<String>> placed = new HashMap<>();
    for (Admissions.Grant grant : admissions.grants()) {
      placed.computeIfAbsent(grant.function(), f -> new ArrayList<>()).add(place(grant));
    }
    placed.forEach((function, where) ->
        log.info(
            "function {} gets {}: {}",
            functions.requireSpec(function).name(),
            reasons.getOrDefault(function, ""),
            where));
    admissions.evict().forEach(task -> evict(task));
    admissions
        .retire()
        .forEach(task -> retire(task, StopCause.MAKES_ROOM, "others have waited for its room"));
    for (Claim claim : List.copyOf(claims.values())) {
      settle(claim, placed.getOrDefault(claim.function(), List.of()).size(), admissions, now);
    }
    admissions.lookAgainAt().ifPresent(at -> lookAgain(now, at));
  }

  private void lookAgain(Instant now, Instant at) {
    roomAlarm = deadlines.after(Duration.between(now, at), this::roomChanged);
  }

  /// What is left of a claim, and why.
  private void settle(Claim claim, int granted, Admissions admissions, Instant now) {
    String wait = admissions.waits().get(claim.function());
    if (wait == null || granted >= claim.wanted()) {
      withdraw(claim.function());
      return;
    }
    if (granted > 0) {
      claims.put(
          claim.function(),
          new Claim(
              claim.function(),
              claim.app(),
              claim.resources(),
              claim.wanted() - granted,
              claim.has() + granted,
              claim.inputsWait(),
              claim.fromInside(),
              claim.since()));
    }
    if (!wait.equals(waits.put(claim.function(), wait))) {
      log.info("function {} waits: {}", functions.requireSpec(claim.function()).name(), wait);
    }
    if (admissions.impossible().contains(claim.function()) && claim.inputsWait()) {
      Instant end = claim.since().plus(IMPOSSIBLE_FOR);
      if (now.isBefore(end)) {
        deadlines.after(Duration.between(now, end), this::roomChanged);
      } else {
        Thread.ofVirtual()
            .name("refuse-" + claim.function())
            .start(() -> executor.refuse(claim.function(), wait));
      }
    }
  }

  private void evict(TaskId id) {
    tasks
        .findLive(id)
        .ifPresent(task ->
            stop(
                id,
                functions.requireSpec(task.function()),
                StopCause.MAKES_ROOM,
                "it had nothing to do, and others need its room"));
  }

  private String place(Admissions.Grant grant) {
    FunctionSpec spec = functions.requireSpec(grant.function());
    App app = apps.find(spec.app()).orElseThrow();
    TaskId id = ids.nextTask();
    Task task =
        new Task(
            id,
            spec.id(),
            spec.definitionId(),
            spec.app(),
            grant.workerId(),
            spec.resources(),
            new Caller.Task(id, app.workspace(), app.environment(), app.environmentName()),
            clock.instant());
    tasks.add(task);
    Thread.ofVirtual().name("start-" + id).start(() -> executor.start(task, spec));
    return id + " " + grant.reason();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
