package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.CallSystem;
import dev.slipway.controlplane.call.Outcome;
import dev.slipway.controlplane.call.OutcomeStatus;
import dev.slipway.controlplane.call.TaskEnd;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What follows when a container is gone: what becomes of its inputs, of those that wait for one
/// like it, and who is told.
final class Departures {
  /// Platform failures in a row after which waiting inputs are given up.
  static final int MAX_START_FAILURES = 4;

  private static final Logger log = LoggerFactory.getLogger(Departures.class);

  private final Apps apps;
  private final CallSystem calls;
  private final Tasks tasks;
  private final TaskNotices notices;
  private final TaskLife.Ends ends;
  private final Breakdowns breakdowns;
  private final Clock clock;

  Departures(TaskLife.Wiring wiring, Breakdowns breakdowns) {
    this.apps = wiring.apps();
    this.calls = wiring.calls();
    this.tasks = wiring.tasks();
    this.notices = wiring.notices();
    this.ends = wiring.ends();
    this.clock = wiring.clock();
    this.breakdowns = breakdowns;
  }

  /// Deals with the end of a container; returns it, unless that was known already.
  Optional<Task> exited(TaskExit exit) {
    Optional<Task> found = tasks.findLive(exit.task());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Task task = found.get();
    Task.View view = task.view();
    if (!task.ended(clock.instant())) {
      return Optional.empty();
    }
    boolean appActive = apps.isActive(task.app());
    TaskEnd end = end(view, exit, appActive);
    noteBreakdown(task, view, end);
    tasks.end(task);
    ends.task().accept(task.id());
    log.info(
        "task {} ended: {} (exit code {}){}",
        task.id(),
        exit.reason(),
        exit.exitCode(),
        view.stopReason().isEmpty() ? "" : ", after it was told to leave: " + view.stopReason());
    if (appActive && !view.everReady() && failedToStart(view, exit)) {
      startFailed(task, view, exit);
    }
    calls.attempts().taskGone(task.id(), task.function(), end);
    if (!appActive && tasks.listOf(task.app()).isEmpty()) {
      ends.app().accept(task.app());
    }
    return found;
  }

  /// Counts crashes, and says so where the user looks when the next container has to wait.
  private void noteBreakdown(Task task, Task.View view, TaskEnd end) {
    boolean broke =
        switch (end.kind()) {
          case CRASHED, OUT_OF_MEMORY -> true;
          case WITHDRAWN, APP_STOPPED -> false;
        };
    if (broke && view.everReady()) {
      breakdowns.crashed(task.function());
      breakdowns
          .complaint(task.function())
          .ifPresent(complaint -> notices.say(task.id(), complaint));
    }
  }

  private static boolean failedToStart(Task.View view, TaskExit exit) {
    boolean wantedByUs =
        view.stopCause().isPresent() && view.stopCause().get() != StopCause.STARTUP_TIMEOUT;
    return !wantedByUs && exit.cause() != TaskExit.Cause.WORKER_LOST;
  }

  private static TaskEnd end(Task.View view, TaskExit exit, boolean appActive) {
    if (!appActive) {
      return new TaskEnd(TaskEnd.Kind.APP_STOPPED, "the app has stopped");
    }
    if (exit.cause() == TaskExit.Cause.WORKER_LOST) {
      return new TaskEnd(TaskEnd.Kind.WITHDRAWN, exit.reason());
    }
    if (exit.cause() == TaskExit.Cause.OUT_OF_MEMORY) {
      return new TaskEnd(TaskEnd.Kind.OUT_OF_MEMORY, exit.reason());
    }
    return view.stopCause()
        .map(cause ->
            switch (cause) {
              case SILENT -> new TaskEnd(TaskEnd.Kind.CRASHED, view.stopReason());
              case APP_STOPPED -> new TaskEnd(TaskEnd.Kind.APP_STOPPED, view.stopReason());
              case IDLE, MAKES_ROOM, REPLACED, INPUT_OVERDUE, STARTUP_TIMEOUT, REQUESTED ->
                  new TaskEnd(TaskEnd.Kind.WITHDRAWN, view.stopReason());
            })
        .orElseGet(() -> new TaskEnd(TaskEnd.Kind.CRASHED, exit.reason()));
  }

  /// A container that never became ready. When its siblings of the same definition work, only its
  /// start is repeated; otherwise the inputs that wait for the function would wait for ever, and
  /// get the reason instead.
  private void startFailed(Task task, Task.View view, TaskExit exit) {
    int inARow = breakdowns.startFailed(task.function());
    boolean othersWork =
        tasks.listOf(task.function()).stream()
            .filter(other -> other.definitionId().equals(task.definitionId()))
            .anyMatch(other -> other.view().everReady());
    boolean platformFailed = exit.cause() == TaskExit.Cause.START_FAILED;
    if (othersWork || (platformFailed && inARow < MAX_START_FAILURES)) {
      return;
    }
    String reason = view.stopReason().isEmpty() ? exit.reason() : view.stopReason();
    Outcome outcome =
        view.startupFailure()
            .map(result -> calls.startupFailure(result))
            .orElseGet(() ->
                Outcome.ofPlatform(
                    exit.cause() == TaskExit.Cause.OUT_OF_MEMORY
                        ? OutcomeStatus.OUT_OF_MEMORY
                        : OutcomeStatus.INIT_FAILURE,
                    reason));
    calls.calls().endWaiting(task.function(), outcome);
  }
}
