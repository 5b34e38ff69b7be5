package dev.slipway.controlplane.task;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.Resources;
import dev.slipway.model.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One container. What it is never changes; where it stands does, and only forward.
public final class Task {
  private final TaskId id;
  private final FunctionId function;
  private final String definitionId;
  private final AppId app;
  private final String workerId;
  private final Resources resources;
  private final Caller.Task identity;
  private final Instant placedAt;
  private final ReentrantLock lock = new ReentrantLock();

  private TaskState state = TaskState.PLACED;
  private Optional<StopCause> stopCause = Optional.empty();
  private String stopReason = "";
  private boolean retired;
  private Duration leavesWithin = Duration.ZERO;
  private @Nullable Instant startedAt;
  private @Nullable Instant readyAt;
  private @Nullable Instant endedAt;
  private Instant heardAt;
  private Optional<byte[]> startupFailure = Optional.empty();
  private boolean saidHello;
  private boolean everReady;
  private boolean served;

  Task(
      TaskId id,
      FunctionId function,
      String definitionId,
      AppId app,
      String workerId,
      Resources resources,
      Caller.Task identity,
      Instant placedAt) {
    this.id = id;
    this.function = function;
    this.definitionId = definitionId;
    this.app = app;
    this.workerId = workerId;
    this.resources = resources;
    this.identity = identity;
    this.placedAt = placedAt;
    this.heardAt = placedAt;
  }

  public TaskId id() {
    return id;
  }

  public FunctionId function() {
    return function;
  }

  /// The definition of its function that it runs, for as long as it lives.
  public String definitionId() {
    return definitionId;
  }

  public AppId app() {
    return app;
  }

  public String workerId() {
    return workerId;
  }

  public Resources resources() {
    return resources;
  }

  Caller.Task identity() {
    return identity;
  }

  public Instant placedAt() {
    return placedAt;
  }

  public TaskState state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  /// Moves forward; returns false when the task is there or further already.
  private boolean advance(TaskState next) {
    if (next.compareTo(state) <= 0) {
      return false;
    }
    state = next;
    return true;
  }

  boolean started(Instant at) {
    lock.lock();
    try {
      startedAt = at;
      return advance(TaskState.STARTED);
    } finally {
      lock.unlock();
    }
  }

  /// Its runner is up and begins to import the user's code; true the first time.
  boolean hello(Instant at) {
    lock.lock();
    try {
      heardAt = at;
      boolean first = !saidHello;
      saidHello = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  /// It asks for inputs; true the first time.
  boolean ready(Instant at) {
    lock.lock();
    try {
      heardAt = at;
      if (everReady) {
        return false;
      }
      everReady = true;
      readyAt = at;
      advance(TaskState.READY);
      return true;
    } finally {
      lock.unlock();
    }
  }

  void heard(Instant at) {
    lock.lock();
    try {
      heardAt = at;
    } finally {
      lock.unlock();
    }
  }

  /// It is to finish what it works on and leave then; true the first time.
  boolean retire(StopCause cause, String reason) {
    lock.lock();
    try {
      if (!advance(TaskState.LEAVING)) {
        return false;
      }
      stopCause = Optional.of(cause);
      stopReason = reason;
      retired = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// It is told to leave now; true the first time, also for one that was to leave when it is done,
  /// and when there is less time for it than it was told before. A later, more pressing cause does
  /// not replace the first.
  boolean leaving(StopCause cause, String reason, Duration within) {
    lock.lock();
    try {
      if (advance(TaskState.LEAVING) || (retired && state == TaskState.LEAVING)) {
        retired = false;
        stopCause = Optional.of(cause);
        stopReason = reason;
        leavesWithin = within;
        return true;
      }
      boolean sooner = within.compareTo(leavesWithin) < 0;
      leavesWithin = sooner ? within : leavesWithin;
      return sooner;
    } finally {
      lock.unlock();
    }
  }

  boolean ended(Instant at) {
    lock.lock();
    try {
      endedAt = at;
      return advance(TaskState.ENDED);
    } finally {
      lock.unlock();
    }
  }

  /// What it says about why it cannot start, in the client's own form.
  void startupFailed(byte[] result) {
    lock.lock();
    try {
      startupFailure = Optional.of(result);
    } finally {
      lock.unlock();
    }
  }

  /// Notes that it was given inputs; returns whether it had been before.
  boolean servedBefore(boolean servesNow) {
    lock.lock();
    try {
      boolean before = served;
      served |= servesNow;
      return before;
    } finally {
      lock.unlock();
    }
  }

  /// A task at one moment.
  ///
  /// @param saidHello whether its runner ever reported
  /// @param everReady whether it ever asked for inputs
  /// @param served whether it was ever given one
  /// @param startupFailure what it said about why it cannot start
  public record View(
      TaskState state,
      Optional<StopCause> stopCause,
      String stopReason,
      Optional<Instant> startedAt,
      Optional<Instant> readyAt,
      Optional<Instant> endedAt,
      Instant heardAt,
      boolean saidHello,
      boolean everReady,
      boolean served,
      Optional<byte[]> startupFailure) {}

  public View view() {
    lock.lock();
    try {
      return new View(
          state,
          stopCause,
          stopReason,
          Optional.ofNullable(startedAt),
          Optional.ofNullable(readyAt),
          Optional.ofNullable(endedAt),
          heardAt,
          saidHello,
          everReady,
          served,
          startupFailure);
    } finally {
      lock.unlock();
    }
  }
}
