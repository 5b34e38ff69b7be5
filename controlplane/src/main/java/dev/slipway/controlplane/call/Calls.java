package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.storage.Row;
import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.InputId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Making calls, putting inputs, cancelling. Inputs are durable before they are acknowledged, and a
/// repeated request finds what the first one made.
public final class Calls {
  /// Inputs that one request may carry.
  static final int MAX_INPUTS_PER_REQUEST = 1_000;

  /// Inputs that one call may have.
  static final int MAX_INPUTS_PER_CALL = 1_000_000;

  /// When somebody who has too many open inputs should come back: some will have a result by then.
  static final Duration COME_BACK_AFTER = Duration.ofSeconds(1);

  /// The sentence of inputs whose call was given up.
  static final String CANCELLED = "the call was cancelled";

  /// An input as it was accepted.
  public record Accepted(int index, InputId id) {}

  /// A call as it was made.
  public record Made(CallId call, List<Accepted> inputs) {}

  private final CallMemory memory;
  private final GroupCommit commits;
  private final IdSource ids;
  private final Clock clock;
  private final CallLimits limits;
  private final Settlement settlement;
  private final Containers containers;
  private final Timelines timelines;

  Calls(
      CallMemory memory,
      GroupCommit commits,
      IdSource ids,
      Clock clock,
      CallLimits limits,
      Settlement settlement,
      Containers containers,
      Timelines timelines) {
    this.memory = memory;
    this.commits = commits;
    this.ids = ids;
    this.clock = clock;
    this.limits = limits;
    this.settlement = settlement;
    this.containers = containers;
    this.timelines = timelines;
  }

  /// Makes a call with its first inputs.
  ///
  /// @param parent the input whose code makes the call
  /// @param key repeated by a client that did not hear the answer
  public Made make(
      FunctionId function,
      AppId app,
      CallKind kind,
      Invocation invocation,
      Optional<InputId> parent,
      Optional<String> key,
      List<NewInput> inputs) {
    Instant now = clock.instant();
    Optional<Call> before =
        key.flatMap(memory::findByKey)
            .flatMap(memory::find)
            .filter(call -> call.function.equals(function));
    if (before.isPresent()) {
      return repeated(before.get());
    }
    FunctionQueue queue = memory.queue(function);
    requireRoom(queue, app, inputs.size());
    Call call =
        new Call(
            // Made of the key, so that a repetition whose first attempt may have been written after
            // all writes the same again.
            key.map(k -> CallIds.repeatable(function, k))
                .orElseGet(() -> new CallId(ids.next("fc"))),
            memory.nextIncarnation(),
            function,
            app,
            memory.owner(app),
            kind,
            invocation,
            parent.flatMap(input -> findParent(app, input)),
            now,
            queue.lock.newCondition());
    List<Input> created = create(call, inputs, now);
    List<Row> rows = new ArrayList<>(1 + created.size());
    rows.add(CallStore.call(call, key.orElse(null)));
    for (int i = 0; i < created.size(); i++) {
      rows.add(CallStore.input(created.get(i), inputs.get(i).payload(), now));
    }
    commits.commit(rows);
    key.ifPresent(k -> memory.remember(k, call.id));
    queue.lock.lock();
    try {
      queue.calls.put(call.id, call);
      memory.add(call);
      enqueue(queue, created);
    } finally {
      queue.lock.unlock();
    }
    containers.demandChanged(function);
    return new Made(call.id, created.stream().map(i -> new Accepted(i.index, i.id)).toList());
  }

  /// Whether the input is one of the app that has no result yet.
  boolean isOpenIn(AppId app, InputId input) {
    return memory.findOpen(input).filter(open -> open.call.app.equals(app)).isPresent();
  }

  /// Only an input that runs makes calls; one of somebody else is not looked at.
  private Optional<ParentInput> findParent(AppId app, InputId input) {
    return memory
        .findOpen(input)
        .filter(open -> open.call.workspace.equals(memory.owner(app)))
        .map(open -> new ParentInput(open.id, open.call.id));
  }

  private Made repeated(Call call) {
    FunctionQueue queue = memory.queue(call.function);
    queue.lock.lock();
    try {
      return new Made(
          call.id, call.inputs.values().stream().map(i -> new Accepted(i.index, i.id)).toList());
    } finally {
      queue.lock.unlock();
    }
  }

  /// Adds inputs to a map. Indexes that the call has already are a repetition, and keep their ids.
  public List<Accepted> put(CallId id, FunctionId function, List<NewInput> inputs) {
    Call call = memory.hold(id).orElseThrow(() -> missing(id));
    try {
      return put(call, function, inputs);
    } finally {
      memory.release(call);
    }
  }

  private List<Accepted> put(Call call, FunctionId function, List<NewInput> inputs) {
    Instant now = clock.instant();
    CallId id = call.id;
    if (!call.function.equals(function)) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the call " + id + " is no call of the function " + function);
    }
    FunctionQueue queue = memory.queue(function);
    requireRoom(queue, call.app, inputs.size());
    Map<Integer, InputId> known = new HashMap<>();
    List<NewInput> fresh = new ArrayList<>();
    queue.lock.lock();
    try {
      call.usedAt = now;
      while (call.settling) {
        call.changed.awaitUninterruptibly();
      }
      if (call.cancelled) {
        throw new SlipwayException(ErrorKind.CONFLICT, "the call " + id + " was cancelled");
      }
      for (NewInput input : inputs) {
        Input existing = call.inputs.get(input.index());
        if (existing != null) {
          known.put(input.index(), existing.id);
        } else {
          fresh.add(input);
        }
      }
      if (call.inputs.size() + fresh.size() > MAX_INPUTS_PER_CALL) {
        throw new SlipwayException(
            ErrorKind.INVALID, "a call has at most " + MAX_INPUTS_PER_CALL + " inputs");
      }
    } finally {
      queue.lock.unlock();
    }
    List<Input> created = create(call, fresh, now);
    List<Row> rows = new ArrayList<>(created.size() + 1);
    for (int i = 0; i < created.size(); i++) {
      rows.add(CallStore.input(created.get(i), fresh.get(i).payload(), now));
      known.put(created.get(i).index, created.get(i).id);
    }
    if (!rows.isEmpty()) {
      if (call.settled) {
        rows.add(CallStore.unsettled(id));
      }
      commits.commit(rows);
    }
    queue.lock.lock();
    try {
      call.usedAt = now;
      call.settled = call.settled && created.isEmpty();
      enqueue(queue, created);
      call.changed.signalAll();
    } finally {
      queue.lock.unlock();
    }
    containers.demandChanged(function);
    return inputs.stream()
        .map(i -> new Accepted(i.index(), Objects.requireNonNull(known.get(i.index()))))
        .toList();
  }

  private List<Input> create(Call call, List<NewInput> inputs, Instant acceptedAt) {
    List<Input> created = new ArrayList<>(inputs.size());
    for (NewInput input : inputs) {
      if (input.index() < 0) {
        throw new SlipwayException(
            ErrorKind.INVALID, "the index of an input is 0 or more, not " + input.index());
      }
      Timeline timeline = timelines.begin(call.id, input.index());
      timeline.accepted(acceptedAt);
      created.add(new Input(new InputId(ids.next("in")), call, input, timeline));
    }
    return created;
  }

  /// The rows are durable: containers may have the inputs. The lock is held.
  private void enqueue(FunctionQueue queue, List<Input> inputs) {
    Instant now = clock.instant();
    for (Input input : inputs) {
      if (input.call.inputs.putIfAbsent(input.index, input) == null) {
        input.timeline.queued(now);
        memory.open(input);
        queue.offer(input, false);
      }
    }
  }

  private void requireRoom(FunctionQueue queue, AppId app, int more) {
    if (more > MAX_INPUTS_PER_REQUEST) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "a request carries at most %d inputs, not %d".formatted(MAX_INPUTS_PER_REQUEST, more));
    }
    queue.lock.lock();
    try {
      if (queue.waitingCount() + more > limits.waitingPerFunction()) {
        throw SlipwayException.comeBack(
            COME_BACK_AFTER,
            "%d inputs of this function wait already; at most %d may"
                .formatted(queue.waitingCount(), limits.waitingPerFunction()));
      }
    } finally {
      queue.lock.unlock();
    }
    long open = memory.openCount(memory.owner(app));
    if (open + more > limits.openPerWorkspace()) {
      throw SlipwayException.comeBack(
          COME_BACK_AFTER,
          "%d inputs of this workspace have no result yet; at most %d may"
              .formatted(open, limits.openPerWorkspace()));
    }
  }

  Call require(CallId id) {
    return memory.find(id).orElseThrow(() -> missing(id));
  }

  static SlipwayException missing(CallId id) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND, "There is no function call '" + id + "', or its results have expired");
  }

  /// The app of a call, for whoever has to check that the caller may see it.
  public AppId requireApp(CallId id) {
    return require(id).app;
  }

  /// Cancels what is not finished of a call. Waiting inputs end at once; containers are asked to
  /// give up the others, or are killed.
  public void cancel(CallId id, boolean killContainers) {
    Call call = require(id);
    commits.commit(CallStore.cancelled(id, clock.instant()));
    FunctionQueue queue = memory.queue(call.function);
    Map<TaskId, List<InputId>> running = new HashMap<>();
    List<Input> waiting = new ArrayList<>();
    queue.lock.lock();
    try {
      call.cancelled = true;
      for (Input input : call.inputs.values()) {
        switch (input.state) {
          case WAITING, DELAYED -> waiting.add(input);
          case RUNNING -> {
            if (queue.hasBegun(input)) {
              running.computeIfAbsent(input.task, t -> new ArrayList<>()).add(input.id);
            } else {
              waiting.add(input);
            }
          }
          case DONE -> {}
        }
      }
    } finally {
      queue.lock.unlock();
    }
    settlement.end(queue, waiting, Outcome.ofPlatform(OutcomeStatus.TERMINATED, CANCELLED));
    running.forEach((task, inputs) -> {
      if (killContainers) {
        containers.kill(task, "its call was cancelled with its containers");
      } else {
        containers.cancelInputs(task, inputs);
      }
    });
    containers.demandChanged(call.function);
  }

  /// Ends everything of a function that waits, because its app is over or its containers cannot
  /// start.
  public void endWaiting(FunctionId function, Outcome outcome) {
    FunctionQueue queue = memory.queue(function);
    List<Input> waiting;
    queue.lock.lock();
    try {
      waiting = new ArrayList<>(queue.listWaiting());
      for (Call call : queue.calls.values()) {
        call.inputs.values().stream()
            .filter(i -> i.state == Input.State.DELAYED)
            .forEach(waiting::add);
      }
    } finally {
      queue.lock.unlock();
    }
    settlement.end(queue, waiting, outcome);
  }

  /// Takes up what an earlier life of the server left unfinished.
  void load() {
    memory.load();
    for (Call call : memory.listCancelledUnfinished()) {
      endUnfinished(call);
    }
  }

  private void endUnfinished(Call call) {
    FunctionQueue queue = memory.queue(call.function);
    List<Input> open;
    queue.lock.lock();
    try {
      open = call.inputs.values().stream().filter(i -> i.state != Input.State.DONE).toList();
    } finally {
      queue.lock.unlock();
    }
    settlement.end(queue, open, Outcome.ofPlatform(OutcomeStatus.TERMINATED, CANCELLED));
  }

  /// An input that a container works on.
  record Running(TaskId task, Instant startedAt) {}

  /// Where an input runs; empty when it does not.
  Optional<Running> findRunning(InputId id) {
    return memory
        .findOpen(id)
        .flatMap(input -> {
          FunctionQueue queue = memory.queue(input.call.function);
          queue.lock.lock();
          try {
            return input.task == null || input.startedAt == null
                ? Optional.empty()
                : Optional.of(new Running(input.task, input.startedAt));
          } finally {
            queue.lock.unlock();
          }
        });
  }

  /// The functions that have inputs without an output.
  public List<FunctionId> listFunctionsWithWork() {
    List<FunctionId> found = new ArrayList<>();
    for (FunctionQueue queue : memory.queues()) {
      if (demand(queue.function).waiting() > 0) {
        found.add(queue.function);
      }
    }
    return found;
  }

  /// Whether any call of the app has inputs without an output.
  public boolean hasUnfinished(AppId app) {
    return memory.hasUnfinished(app);
  }

  /// What a function is doing now.
  public Demand demand(FunctionId function) {
    FunctionQueue queue = memory.queue(function);
    queue.lock.lock();
    try {
      Map<TaskId, Demand.Load> loads = new HashMap<>();
      queue.servers.forEach(
          (task, server) -> loads.put(task, new Demand.Load(server.working(), server.since())));
      return new Demand(
          queue.waitingCount() + queue.aheadCount(),
          queue.oldestWaiting(),
          queue.delayed,
          queue.runningCount(),
          loads,
          queue.service());
    } finally {
      queue.lock.unlock();
    }
  }
}
