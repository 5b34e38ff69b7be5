package dev.slipway.controlplane.call;

import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What containers do with inputs: take them, answer them, run out of time, break down.
public final class Attempts {
  /// How long a container's question for inputs is held open.
  static final Duration HOLD = Duration.ofSeconds(50);

  /// How long a container that was asked to give an input up has before it is killed.
  static final Duration CANCEL_GRACE = Duration.ofSeconds(10);

  /// Most inputs that are handed over at once to a container which works on one at a time.
  static final int MAX_HANDFUL = 32;

  /// How often an input may lose its container through no fault of its own.
  static final int MAX_WITHDRAWALS = 10;

  private static final Logger log = LoggerFactory.getLogger(Attempts.class);

  /// What a container gets when it asks.
  ///
  /// @param leave it is told to end instead
  public record Taken(List<Assignment> inputs, boolean leave) {}

  /// An input that a container holds.
  ///
  /// @param attempt as it was handed out
  public record Held(InputId input, int attempt) {}

  /// A container's answer to one input.
  ///
  /// @param attempt as it was handed out; an answer to an earlier attempt comes too late
  public record Answer(InputId input, int attempt, Outcome outcome) {}

  private final CallMemory memory;
  private final Settlement settlement;
  private final Functions functions;
  private final GroupCommit commits;
  private final Deadlines deadlines;
  private final Containers containers;
  private final Clock clock;

  Attempts(
      CallMemory memory,
      Settlement settlement,
      Functions functions,
      GroupCommit commits,
      Deadlines deadlines,
      Containers containers,
      Clock clock) {
    this.memory = memory;
    this.settlement = settlement;
    this.functions = functions;
    this.commits = commits;
    this.deadlines = deadlines;
    this.containers = containers;
    this.clock = clock;
  }

  /// Waits until there is something for the container.
  ///
  /// @param most inputs that the container's worker keeps for it, with the one that is asked for;
  ///   used only where a container works on one input at a time, and for many
  public Taken take(TaskId task, FunctionId function, int most) throws InterruptedException {
    return take(task, function, most, HOLD);
  }

  Taken take(TaskId task, FunctionId function, int most, Duration hold)
      throws InterruptedException {
    FunctionSpec spec = functions.requireSpec(function);
    FunctionQueue queue = memory.queue(function);
    FunctionQueue.Manner manner =
        new FunctionQueue.Manner(
            spec.maxConcurrentInputs() == 1 && spec.batchMaxSize() <= 1,
            Math.max(1, spec.batchMaxSize()),
            spec.batchLinger(),
            spec.singleUse() ? 1 : Math.clamp(most, 1, MAX_HANDFUL));
    FunctionQueue.Taken taken = queue.take(task, manner, hold);
    List<Assignment> assignments = new ArrayList<>(taken.inputs().size());
    queue.lock.lock();
    try {
      for (Input input : taken.inputs()) {
        byte[] payload = input.payload;
        // An input that was cancelled in this very moment has no payload any more.
        if (payload != null && task.equals(input.task)) {
          int attempt = input.failedAttempts;
          if (input.timeout == null) {
            input.timeout =
                deadlines.after(spec.timeout(), () -> timedOut(queue, input, task, attempt, spec));
          }
          assignments.add(
              new Assignment(
                  input.id,
                  input.call.id,
                  input.index,
                  input.call.invocation.code(),
                  attempt,
                  payload));
        }
      }
    } finally {
      queue.lock.unlock();
    }
    return new Taken(assignments, taken.leave());
  }

  /// Takes a container's answers. Answers to inputs that it does not have, or that are settled
  /// already, are dropped.
  public void finish(TaskId task, FunctionId function, List<Answer> answers) {
    FunctionSpec spec = functions.requireSpec(function);
    FunctionQueue queue = memory.queue(function);
    Instant now = clock.instant();
    Map<Input, Output> outputs = new LinkedHashMap<>();
    for (Answer answer : answers) {
      Optional<Input> open =
          memory.findOpen(answer.input()).filter(input -> has(queue, task, input, answer));
      if (open.isEmpty()) {
        log.info("task {} answered {}, which it does not have", task, answer.input());
        continue;
      }
      Input input = open.get();
      if (!retried(queue, input, answer.outcome().status(), spec)) {
        outputs.put(
            input,
            new Output(
                input.index,
                input.id,
                told(input, answer.outcome()),
                Optional.of(task),
                Optional.ofNullable(input.startedAt),
                now));
      }
    }
    if (!outputs.isEmpty()) {
      settle(queue, task, outputs);
    }
    containers.worked(function);
  }

  /// A container that gives a cancelled input up says nothing of why.
  private static Outcome told(Input input, Outcome outcome) {
    return input.call.cancelled && outcome.status() == OutcomeStatus.TERMINATED
        ? Outcome.ofPlatform(OutcomeStatus.TERMINATED, Calls.CANCELLED)
        : outcome;
  }

  private static boolean has(FunctionQueue queue, TaskId task, Input input, Answer answer) {
    queue.lock.lock();
    try {
      return task.equals(input.task) && input.failedAttempts == answer.attempt();
    } finally {
      queue.lock.unlock();
    }
  }

  private void settle(FunctionQueue queue, TaskId task, Map<Input, Output> outputs) {
    boolean settled = false;
    try {
      settlement.settle(queue, outputs);
      settled = true;
    } finally {
      if (!settled && queue.isGone(task)) {
        // The container cannot bring its answers again: somebody else has to.
        outputs.keySet().forEach(input -> putBack(queue, input, "its answer was lost"));
      }
    }
  }

  /// Puts a failed input back when its function's retries allow another attempt.
  private boolean retried(
      FunctionQueue queue, Input input, OutcomeStatus status, FunctionSpec spec) {
    if (!status.retryable() || input.call.cancelled) {
      return false;
    }
    Optional<Duration> delay = spec.retry().delayAfter(input.failedAttempts + 1);
    if (delay.isEmpty()) {
      return false;
    }
    queue.lock.lock();
    try {
      if (input.state != Input.State.RUNNING || input.settling) {
        return false;
      }
      input.failedAttempts++;
      if (queue.hasBegun(input)) {
        queue.measure(List.of(input));
      }
      queue.remove(input, Input.State.DELAYED);
      input.retryAt = clock.instant().plus(delay.get());
    } finally {
      queue.lock.unlock();
    }
    // Not waited for: should it be lost, the input gets an attempt too many.
    commits.later(CallStore.attempt(input));
    deadlines.after(delay.get(), () -> requeue(queue, input));
    return true;
  }

  private void requeue(FunctionQueue queue, Input input) {
    queue.lock.lock();
    try {
      if (input.state != Input.State.DELAYED) {
        return;
      }
      queue.delayed--;
      queue.offer(input, false);
    } finally {
      queue.lock.unlock();
    }
    containers.demandChanged(queue.function);
  }

  private void timedOut(
      FunctionQueue queue, Input input, TaskId task, int attempt, FunctionSpec spec) {
    queue.lock.lock();
    try {
      // It may have been answered, or be in another attempt, since the alarm went off.
      if (!task.equals(input.task) || input.failedAttempts != attempt || input.settling) {
        return;
      }
    } finally {
      queue.lock.unlock();
    }
    String reason =
        "the input ran for longer than the function's timeout of "
            + spec.timeout().toSeconds()
            + " s";
    log.info("input {} of call {}: {}", input.id, input.call.id, reason);
    if (!retried(queue, input, OutcomeStatus.TIMEOUT, spec)) {
      settlement.end(queue, List.of(input), Outcome.ofPlatform(OutcomeStatus.TIMEOUT, reason));
    }
    // The code may hang in a way that no request reaches: only ending the container ends it surely.
    containers.kill(task, reason);
  }

  /// A container is gone.
  public void taskGone(TaskId task, FunctionId function, TaskEnd end) {
    FunctionSpec spec = functions.requireSpec(function);
    FunctionQueue queue = memory.queue(function);
    List<Input> begun;
    List<Input> left;
    queue.lock.lock();
    try {
      begun = queue.server(task).running.stream().filter(queue::hasBegun).toList();
      if (end.kind().countsAsAttempt()) {
        queue.measure(begun);
      }
      left = queue.leave(task);
    } finally {
      queue.lock.unlock();
    }
    // Its worker gave back what it could, so few are only held.
    List<Input> held = left.stream().filter(input -> !begun.contains(input)).toList();
    switch (end.kind()) {
      case WITHDRAWN -> putBack(queue, left, end.reason());
      case APP_STOPPED ->
          settlement.end(queue, left, Outcome.ofPlatform(OutcomeStatus.TERMINATED, end.reason()));
      case CRASHED -> {
        putBack(queue, held, end.reason());
        failed(queue, begun, OutcomeStatus.FAILURE, end.reason(), spec);
      }
      case OUT_OF_MEMORY -> {
        putBack(queue, held, end.reason());
        failed(queue, begun, OutcomeStatus.OUT_OF_MEMORY, end.reason(), spec);
      }
    }
    containers.demandChanged(function);
  }

  private void putBack(FunctionQueue queue, List<Input> inputs, String reason) {
    // The last one first, so that the first one will be in front.
    inputs.reversed().forEach(input -> putBack(queue, input, reason));
  }

  private void failed(
      FunctionQueue queue,
      List<Input> inputs,
      OutcomeStatus status,
      String reason,
      FunctionSpec spec) {
    List<Input> over =
        inputs.stream().filter(input -> !retried(queue, input, status, spec)).toList();
    settlement.end(queue, over, Outcome.ofPlatform(status, reason));
  }

  /// Gives an input whose container was taken away to another one. That is no failure of the input,
  /// but one that never gets to its end must not wander for ever.
  private void putBack(FunctionQueue queue, Input input, String reason) {
    Outcome over;
    queue.lock.lock();
    try {
      if (input.state != Input.State.RUNNING || input.settling) {
        return;
      }
      if (input.call.cancelled) {
        over = Outcome.ofPlatform(OutcomeStatus.TERMINATED, Calls.CANCELLED);
      } else if (++input.withdrawals > MAX_WITHDRAWALS) {
        over =
            Outcome.ofPlatform(
                OutcomeStatus.INTERNAL_FAILURE,
                "the input lost its container %d times; the last time: %s"
                    .formatted(input.withdrawals, reason));
      } else {
        queue.takeBack(input);
        return;
      }
    } finally {
      queue.lock.unlock();
    }
    settlement.end(queue, List.of(input), over);
  }

  /// Takes inputs back that a container holds and has not begun. That is no fault of theirs, and
  /// nothing was lost with it.
  public void giveBack(TaskId task, FunctionId function, List<Held> held) {
    FunctionQueue queue = memory.queue(function);
    List<Input> cancelled = new ArrayList<>();
    queue.lock.lock();
    try {
      // The last one first, so that the first one will be in front.
      for (Held each : held.reversed()) {
        memory
            .findOpen(each.input())
            .filter(input -> task.equals(input.task) && input.failedAttempts == each.attempt())
            .filter(input -> !input.settling)
            .ifPresent(input -> {
              if (input.call.cancelled) {
                cancelled.add(input);
              } else {
                queue.takeBack(input);
              }
            });
      }
    } finally {
      queue.lock.unlock();
    }
    settlement.end(queue, cancelled, Outcome.ofPlatform(OutcomeStatus.TERMINATED, Calls.CANCELLED));
    containers.demandChanged(function);
  }

  /// Kills a container that still works on inputs which it was asked to give up.
  public void enforceCancellation(TaskId task, FunctionId function, List<InputId> inputs) {
    deadlines.after(
        CANCEL_GRACE,
        () -> {
          boolean stubborn =
              inputs.stream()
                  .map(memory::findOpen)
                  .flatMap(Optional::stream)
                  .anyMatch(input -> task.equals(input.task));
          if (stubborn) {
            containers.kill(
                task,
                "it did not give up a cancelled input within " + CANCEL_GRACE.toSeconds() + " s");
          }
        });
  }

  /// Whether inputs of the function wait that other inputs called, which may wait for them.
  public boolean isWaitedForInside(FunctionId function) {
    FunctionQueue queue = memory.queue(function);
    queue.lock.lock();
    try {
      return queue.isWaitedForInside();
    } finally {
      queue.lock.unlock();
    }
  }

  /// Tells a container to leave when it asks for inputs again.
  public void tellToLeave(TaskId task, FunctionId function) {
    FunctionQueue queue = memory.queue(function);
    queue.lock.lock();
    try {
      queue.close(task);
    } finally {
      queue.lock.unlock();
    }
  }

  /// Since when the container has had nothing to do; empty while it works on inputs.
  public Optional<Instant> findIdleSince(TaskId task, FunctionId function) {
    FunctionQueue queue = memory.queue(function);
    queue.lock.lock();
    try {
      FunctionQueue.Server server = queue.server(task);
      return server.running.isEmpty() ? Optional.of(server.idleSince) : Optional.empty();
    } finally {
      queue.lock.unlock();
    }
  }

  /// Tells a container to leave if it has nothing to do; an input that reached it meanwhile keeps
  /// it.
  public boolean closeIfIdle(TaskId task, FunctionId function) {
    FunctionQueue queue = memory.queue(function);
    queue.lock.lock();
    try {
      if (!queue.server(task).running.isEmpty()) {
        return false;
      }
      queue.close(task);
      return true;
    } finally {
      queue.lock.unlock();
    }
  }

  /// Whether the call belongs to an input that the container works on, or has just answered, so
  /// that it may stream data for it: what a generator yielded last may come behind its failure.
  public boolean worksOn(TaskId task, FunctionId function, CallId call) {
    FunctionQueue queue = memory.queue(function);
    queue.lock.lock();
    try {
      FunctionQueue.Server server = queue.servers.get(task);
      return server != null
          && (server.answered.contains(call)
              || server.running.stream().anyMatch(i -> i.call.id.equals(call)));
    } finally {
      queue.lock.unlock();
    }
  }
}
