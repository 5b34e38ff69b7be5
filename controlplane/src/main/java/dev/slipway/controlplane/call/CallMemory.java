package dev.slipway.controlplane.call;

import dev.slipway.controlplane.call.CallStore.StoredCall;
import dev.slipway.controlplane.call.CallStore.StoredInput;
import dev.slipway.controlplane.call.CallStore.StoredOutput;
import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The active calls in memory, and the way back to those that have left it. The database is the
/// truth; this is what makes a call fast.
final class CallMemory {
  /// Age up to which a call may be asked for once more by its key after a restart.
  private static final Duration KEYS_TAKEN_UP = Duration.ofMinutes(10);

  /// How long the key of a call is known at least: within that time a client that did not hear the
  /// answer asks for the call once more.
  private static final Duration KEYS_KEPT = Duration.ofMinutes(2);

  /// Leaves room for counting, and few digits in cursors.
  private static final long INCARNATIONS_BEGIN_BELOW = 1L << 52;

  /// How many calls are read from the database at once.
  private static final int LOADED_TOGETHER = 1_000;

  /// A call that was made with a key.
  private record Keyed(CallId call, Instant at) {}

  private final CallStore store;
  private final Clock clock;
  private final ConcurrentHashMap<FunctionId, FunctionQueue> queues = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<CallId, Call> calls = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<InputId, Input> openInputs = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Keyed> callsByKey = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<WorkspaceId, LongAdder> openByWorkspace =
      new ConcurrentHashMap<>();
  private final Function<AppId, WorkspaceId> owners;
  private final AtomicLong incarnations;
  private final AtomicLong finishedBytes = new AtomicLong();

  /// @param owners the workspace of an app
  CallMemory(CallStore store, Function<AppId, WorkspaceId> owners, Clock clock) {
    this.store = store;
    this.owners = owners;
    this.clock = clock;
    // Another place in each life of the server: cursors of an earlier one must never fit by chance,
    // however many calls it had and whatever the clock says.
    this.incarnations =
        new AtomicLong(ThreadLocalRandom.current().nextLong(INCARNATIONS_BEGIN_BELOW));
  }

  long nextIncarnation() {
    return incarnations.incrementAndGet();
  }

  FunctionQueue queue(FunctionId function) {
    return queues.computeIfAbsent(function, f -> new FunctionQueue(f, clock));
  }

  Iterable<FunctionQueue> queues() {
    return queues.values();
  }

  Optional<Call> find(CallId id) {
    Call call = calls.get(id);
    if (call != null) {
      return Optional.of(call);
    }
    return restore(store.find(id).stream().toList()).stream().findFirst();
  }

  /// The call, which stays in the memory until it is released.
  Optional<Call> hold(CallId id) {
    while (true) {
      Optional<Call> found = find(id);
      if (found.isEmpty()) {
        return found;
      }
      Call call = found.get();
      FunctionQueue queue = queue(call.function);
      queue.lock.lock();
      try {
        // It may have left in this very moment; then it is read again.
        if (calls.get(id) == call) {
          call.holders++;
          return found;
        }
      } finally {
        queue.lock.unlock();
      }
    }
  }

  void release(Call call) {
    FunctionQueue queue = queue(call.function);
    queue.lock.lock();
    try {
      call.holders--;
    } finally {
      queue.lock.unlock();
    }
  }

  /// The call, if it is in the memory.
  Optional<Call> findLoaded(CallId id) {
    return Optional.ofNullable(calls.get(id));
  }

  Optional<Input> findOpen(InputId id) {
    return Optional.ofNullable(openInputs.get(id));
  }

  Optional<CallId> findByKey(String key) {
    return Optional.ofNullable(callsByKey.get(key)).map(Keyed::call);
  }

  void remember(String key, CallId call) {
    callsByKey.put(key, new Keyed(call, clock.instant()));
  }

  void add(Call call) {
    calls.put(call.id, call);
  }

  void open(Input input) {
    if (openInputs.put(input.id, input) == null) {
      openIn(input.call.workspace).increment();
    }
  }

  void close(Input input) {
    if (openInputs.remove(input.id) != null) {
      openIn(input.call.workspace).decrement();
    }
  }

  WorkspaceId owner(AppId app) {
    return owners.apply(app);
  }

  /// How many inputs of the workspace have no output.
  long openCount(WorkspaceId workspace) {
    return openIn(workspace).sum();
  }

  private LongAdder openIn(WorkspaceId workspace) {
    return openByWorkspace.computeIfAbsent(workspace, w -> new LongAdder());
  }

  /// Counts a call whose last input got its output. The lock of its queue is held.
  void finished(Call call) {
    long bytes = call.bytes();
    finishedBytes.addAndGet(bytes - call.countedBytes);
    call.countedBytes = bytes;
  }

  /// What finished calls take of the memory, about.
  long finishedBytes() {
    return finishedBytes.get();
  }

  /// The calls that are in the memory now.
  Iterable<Call> listLoaded() {
    return calls.values();
  }

  void forget(Call call) {
    FunctionQueue queue = queue(call.function);
    queue.lock.lock();
    try {
      calls.remove(call.id);
      finishedBytes.addAndGet(-call.countedBytes);
      call.countedBytes = 0;
      queue.calls.remove(call.id);
      call.inputs.values().forEach(this::close);
    } finally {
      queue.lock.unlock();
    }
  }

  /// Takes up every unfinished call; one that has all its outputs, such as a map that may still
  /// grow, is taken up by whoever asks for it. What was being worked on when the server went down
  /// waits again, unless its worker says that the container still has it.
  void load() {
    Instant now = clock.instant();
    for (StoredCall stored : store.listWithKeys(now.minus(KEYS_TAKEN_UP))) {
      stored.idempotencyKey().ifPresent(key -> callsByKey.put(key, new Keyed(stored.id(), now)));
    }
    List<StoredCall> unfinished = store.listUnfinished();
    for (int i = 0; i < unfinished.size(); i += LOADED_TOGETHER) {
      restore(unfinished.subList(i, Math.min(i + LOADED_TOGETHER, unfinished.size())));
    }
  }

  private List<Call> restore(List<StoredCall> stored) {
    if (stored.isEmpty()) {
      return List.of();
    }
    List<CallId> ids = stored.stream().map(StoredCall::id).toList();
    Map<CallId, List<StoredInput>> inputs =
        store.listInputs(ids).stream().collect(Collectors.groupingBy(StoredInput::call));
    Map<CallId, List<StoredOutput>> outputs =
        store.listOutputs(ids).stream().collect(Collectors.groupingBy(StoredOutput::call));
    return stored.stream()
        .map(call ->
            restore(
                call,
                inputs.getOrDefault(call.id(), List.of()),
                outputs.getOrDefault(call.id(), List.of())))
        .toList();
  }

  private Call restore(StoredCall stored, List<StoredInput> inputs, List<StoredOutput> outputs) {
    FunctionQueue queue = queue(stored.function());
    queue.lock.lock();
    try {
      Call known = calls.get(stored.id());
      if (known != null) {
        return known;
      }
      Call call =
          new Call(
              stored.id(),
              nextIncarnation(),
              stored.function(),
              stored.app(),
              owners.apply(stored.app()),
              stored.kind(),
              new Invocation(stored.invocation(), CallTranslation.waits(stored.invocation())),
              stored.parent(),
              stored.createdAt(),
              queue.lock.newCondition());
      call.cancelled = stored.cancelled();
      call.settled = stored.settled();
      call.usedAt = clock.instant();
      outputs.forEach(output -> call.add(output.output()));
      for (StoredInput input : inputs) {
        addRestored(queue, call, input);
      }
      if (call.unfinished() == 0) {
        finished(call);
      }
      queue.calls.put(call.id, call);
      calls.put(call.id, call);
      return call;
    } finally {
      queue.lock.unlock();
    }
  }

  private void addRestored(FunctionQueue queue, Call call, StoredInput stored) {
    byte[] payload = stored.payload().orElse(null);
    Timeline timeline = new Timeline();
    timeline.accepted(stored.createdAt());
    Input input =
        new Input(
            stored.id(),
            call,
            new NewInput(
                stored.index(),
                payload == null ? "" : CallTranslation.method(payload),
                payload == null ? new byte[0] : payload),
            timeline);
    input.failedAttempts = stored.attempt();
    call.inputs.put(input.index, input);
    if (call.outputsByIndex.containsKey(input.index)) {
      input.detach(Input.State.DONE);
    } else {
      open(input);
      // What was cancelled is ended by whoever loads, and not run again.
      if (!call.cancelled) {
        queue.offer(input, false);
      }
    }
  }

  /// Calls that were cancelled and have inputs without an output.
  List<Call> listCancelledUnfinished() {
    return calls.values().stream().filter(this::cancelledUnfinished).toList();
  }

  private boolean cancelledUnfinished(Call call) {
    FunctionQueue queue = queue(call.function);
    queue.lock.lock();
    try {
      return call.cancelled && call.unfinished() > 0;
    } finally {
      queue.lock.unlock();
    }
  }

  /// Whether any call of the app has inputs without an output.
  boolean hasUnfinished(AppId app) {
    for (Call call : calls.values()) {
      if (!call.app.equals(app)) {
        continue;
      }
      FunctionQueue queue = queue(call.function);
      queue.lock.lock();
      try {
        if (call.unfinished() > 0) {
          return true;
        }
      } finally {
        queue.lock.unlock();
      }
    }
    return false;
  }

  /// Drops the keys that no client repeats any more.
  void forgetKeys() {
    Instant oldest = clock.instant().minus(KEYS_KEPT);
    callsByKey
        .values()
        .removeIf(keyed -> keyed.at().isBefore(oldest) && !calls.containsKey(keyed.call()));
  }
}
