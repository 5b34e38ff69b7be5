package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppListener;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.app.PublicationListener;
import dev.slipway.controlplane.call.CallSystem;
import dev.slipway.controlplane.call.Containers;
import dev.slipway.controlplane.call.Deadlines;
import dev.slipway.controlplane.call.Outcome;
import dev.slipway.controlplane.call.OutcomeStatus;
import dev.slipway.controlplane.call.ServingTasks;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.function.LiveFunctions;
import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What happens to tasks from their placement to their end, whoever says so: the scheduler, the
/// workers, the containers themselves, the calls or the apps.
public final class TaskLife
    implements Containers,
        AppListener,
        PublicationListener,
        ServingTasks,
        Scheduler.Executor,
        AutoCloseable {
  /// How long exit hooks and the like may take when a container is asked to leave.
  static final Duration GRACE = Duration.ofSeconds(30);

  /// The same when somebody waits at a terminal for the app to be gone.
  static final Duration URGENT_GRACE = Duration.ofMillis(1_200);

  /// How long the platform's own part of a container may take, from its first process to the
  /// runner's report. The startup timeout is for the user's part.
  static final Duration HELLO_PATIENCE = Duration.ofMinutes(2);

  /// A container that has not been heard of for this long hangs.
  static final Duration MAX_SILENCE = Duration.ofMinutes(5);

  private static final Logger log = LoggerFactory.getLogger(TaskLife.class);

  private final Apps apps;
  private final Functions functions;
  private final CallSystem calls;
  private final Tasks tasks;
  private final Machines machines;
  private final StartOrders orders;
  private final Deadlines deadlines;
  private final Clock clock;
  private final Breakdowns breakdowns;
  private final DepartureWatch watch;
  private final Departures departures;
  private final StartTimes startTimes = new StartTimes();
  private final Snapshots snapshots;
  private final Scheduler scheduler;
  private final Ends ends;

  /// Told of ends.
  ///
  /// @param app the last container of a stopped app is gone
  /// @param task a container is gone
  public record Ends(Consumer<AppId> app, Consumer<TaskId> task) {}

  /// @param wiring everything that the parts need of each other
  public TaskLife(Wiring wiring) {
    this.apps = wiring.apps();
    this.functions = wiring.functions();
    this.calls = wiring.calls();
    this.tasks = wiring.tasks();
    this.machines = wiring.machines();
    this.orders = wiring.orders();
    this.deadlines = wiring.deadlines();
    this.clock = wiring.clock();
    this.ends = wiring.ends();
    this.breakdowns = new Breakdowns(clock);
    this.watch = new DepartureWatch(wiring);
    this.departures = new Departures(wiring, breakdowns);
    this.snapshots =
        new Snapshots(apps, functions, calls.calls(), tasks, machines, breakdowns, startTimes);
    this.scheduler =
        new Scheduler(
            apps,
            functions,
            calls.attempts(),
            tasks,
            snapshots,
            breakdowns,
            this,
            wiring.ids(),
            deadlines,
            clock);
  }

  /// What task life is made of.
  public record Wiring(
      Apps apps,
      Functions functions,
      CallSystem calls,
      Tasks tasks,
      Machines machines,
      StartOrders orders,
      TaskNotices notices,
      IdSource ids,
      Deadlines deadlines,
      Clock clock,
      Ends ends) {}

  public void start() {
    scheduler.start();
  }

  // ---- from the calls

  @Override
  public void demandChanged(FunctionId function) {
    scheduler.wake(function);
  }

  @Override
  public void worked(FunctionId function) {
    breakdowns.worked(function);
    scheduler.wakeSoon(function);
  }

  @Override
  public void cancelInputs(TaskId task, List<InputId> inputs) {
    tasks.cancel(task, inputs);
    tasks
        .findLive(task)
        .ifPresent(t -> calls.attempts().enforceCancellation(task, t.function(), inputs));
  }

  @Override
  public void kill(TaskId id, String reason) {
    tasks.findLive(id).ifPresent(task -> end(task, StopCause.INPUT_OVERDUE, Duration.ZERO, reason));
  }

  // ---- from the scheduler

  @Override
  public void start(Task task, FunctionSpec spec) {
    try {
      StartOrder order = orders.write(task.id(), spec, spec.resources());
      machines.start(task.workerId(), order);
    } catch (RuntimeException e) {
      log.warn("task {} of {} cannot be started", task.id(), spec.name(), e);
      exited(
          new TaskExit(
              task.id(),
              TaskExit.Cause.START_FAILED,
              0,
              "the container could not be started: " + e.getMessage()));
    }
  }

  @Override
  public void stop(Task task, StopCause cause, String reason) {
    end(task, cause, GRACE, reason);
  }

  @Override
  public void retire(Task task, StopCause cause, String reason) {
    if (!task.view().everReady()) {
      end(task, cause, Duration.ZERO, reason);
      return;
    }
    if (task.retire(cause, reason)) {
      calls.attempts().tellToLeave(task.id(), task.function());
      watch.expect(task, GRACE);
      scheduler.wake(task.function());
    }
  }

  private void end(Task task, StopCause cause, Duration most, String reason) {
    // Before it asks for inputs a container has nothing that it would have to bring to an end: an
    // interrupt would only show in the user's terminal.
    Duration grace = task.view().everReady() ? most : Duration.ZERO;
    boolean ready = task.state() == TaskState.READY;
    boolean pressing = task.leaving(cause, reason, grace);
    calls.attempts().tellToLeave(task.id(), task.function());
    if (!pressing && !grace.isZero()) {
      // Only a more pressing order is passed on: it shortens the grace of the first.
      return;
    }
    boolean asks = calls.attempts().findIdleSince(task.id(), task.function()).isPresent();
    if (ready && asks && !grace.isZero()) {
      // It asks for inputs and has its answer: a signal on top of it would only disturb its exit.
      watch.expect(task, grace);
    } else {
      machines.stop(task.workerId(), task.id(), grace, reason);
    }
    scheduler.wake(task.function());
  }

  @Override
  public void refuse(FunctionId function, String reason) {
    calls.calls().endWaiting(function, Outcome.ofPlatform(OutcomeStatus.INIT_FAILURE, reason));
  }

  // ---- from the apps

  @Override
  public void stopped(App app, boolean urgent, String reason) {
    for (FunctionId function : functions.listUsed(app.id())) {
      calls.calls().endWaiting(function, stoppedOutcome(reason));
    }
    List<Task> running = tasks.listOf(app.id());
    for (Task task : running) {
      end(task, StopCause.APP_STOPPED, urgent ? URGENT_GRACE : GRACE, "the app stops: " + reason);
    }
    if (running.isEmpty()) {
      ends.app().accept(app.id());
    }
  }

  @Override
  public void published(App app, boolean everything) {
    if (everything) {
      String reason = "its app was rolled over";
      tasks.listOf(app.id()).forEach(task -> retire(task, StopCause.REPLACED, reason));
    }
    // What kept containers of the old version from starting may be mended in the new one.
    functions.listUsed(app.id()).forEach(breakdowns::worked);
    functions.listUsed(app.id()).forEach(scheduler::wake);
  }

  private static Outcome stoppedOutcome(String reason) {
    return Outcome.ofPlatform(OutcomeStatus.TERMINATED, "the app has stopped: " + reason);
  }

  // ---- from the containers

  @Override
  public FunctionId requireFunction(TaskId task) {
    return tasks.requireLive(task).function();
  }

  @Override
  public boolean servedBefore(TaskId task, boolean servesNow) {
    return tasks.requireLive(task).servedBefore(servesNow);
  }

  @Override
  public void asks(TaskId id) {
    Task task = tasks.requireLive(id);
    Instant now = clock.instant();
    if (task.ready(now)) {
      startTimes.add(task.function(), Duration.between(task.placedAt(), now));
      breakdowns.started(task.function());
      scheduler.wake(task.function());
    }
  }

  /// The runner is up; from here on it is the user's code that takes its time.
  void hello(Task task) {
    if (!task.hello(clock.instant())) {
      return;
    }
    Duration allowed = functions.requireSpec(task.function()).startupTimeout();
    deadlines.after(
        allowed,
        () -> {
          if (!task.view().everReady()) {
            startTooSlow(
                task,
                "the container was not ready within the startup timeout of "
                    + allowed.toSeconds()
                    + " s");
          }
        });
  }

  private void startTooSlow(Task task, String reason) {
    end(task, StopCause.STARTUP_TIMEOUT, Duration.ZERO, reason);
  }

  /// @param finishing whether it may finish what it works on; otherwise that runs elsewhere
  void requested(Task task, boolean finishing) {
    String reason = "somebody asked for the container to stop";
    if (finishing) {
      retire(task, StopCause.REQUESTED, reason);
    } else {
      end(task, StopCause.REQUESTED, GRACE, reason);
    }
  }

  // ---- from the workers

  /// The container's first process exists.
  public void started(TaskId id, Instant at) {
    tasks
        .findLive(id)
        .filter(task -> task.started(at))
        .ifPresent(task ->
            deadlines.after(
                HELLO_PATIENCE,
                () -> {
                  if (!task.view().saidHello()) {
                    startTooSlow(
                        task,
                        "the container's runner did not report within %d s of its start"
                            .formatted(HELLO_PATIENCE.toSeconds()));
                  }
                }));
  }

  /// The container is gone.
  public void exited(TaskExit exit) {
    departures
        .exited(exit)
        .ifPresent(task -> {
          scheduler.wake(task.function());
          scheduler.roomChanged();
        });
  }

  /// A worker is gone with everything on it.
  public void workerLost(String workerId) {
    for (Task task : tasks.listOn(workerId)) {
      exited(
          new TaskExit(
              task.id(), TaskExit.Cause.WORKER_LOST, 0, "its worker " + workerId + " is gone"));
    }
  }

  /// A worker is back, or new: there may be room now.
  public void workerAttached() {
    scheduler.roomChanged();
  }

  /// A machine's processors are fully used now, or no longer.
  public void processorsChanged() {
    tasks.listLive().stream().map(Task::function).distinct().forEach(scheduler::wake);
  }

  /// Ends containers that have not been heard of for too long.
  public void endSilent() {
    Instant oldest = clock.instant().minus(MAX_SILENCE);
    for (Task task : tasks.listLive()) {
      Task.View view = task.view();
      if (view.state() == TaskState.READY && view.heardAt().isBefore(oldest)) {
        end(
            task,
            StopCause.SILENT,
            Duration.ZERO,
            "the container sent no heartbeat for " + MAX_SILENCE.toMinutes() + " minutes");
      }
    }
  }

  /// Why the function has the containers that it has.
  String reason(FunctionId function) {
    return scheduler.reason(function);
  }

  /// What functions are doing now, for those who ask.
  public LiveFunctions functions() {
    return new FunctionReport(functions, calls.calls(), snapshots, scheduler);
  }

  /// Decides again, after a restart, for every function that has work or may keep containers
  /// without any.
  public void resume() {
    for (FunctionId function : calls.calls().listFunctionsWithWork()) {
      if (apps.isActive(functions.requireSpec(function).app())) {
        scheduler.wake(function);
      } else {
        // The server went down between the end of the app and that of its inputs.
        calls.calls().endWaiting(function, stoppedOutcome("the server restarted"));
      }
    }
    for (App app : apps.listActive()) {
      functions.listPublished(app).forEach(scheduler::wake);
    }
  }

  @Override
  public void close() {
    scheduler.close();
  }
}
