package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.TaskId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Reading outputs: waits until there are some, and no longer.
public final class Outputs {
  /// Longest time that a question for outputs is held open.
  static final Duration MAX_HOLD = Duration.ofSeconds(60);

  /// Outputs of a map are handed over in bunches: what arrives within this time of the first goes
  /// with it. A caller of a map repeats the tokens of all its open inputs with every question, so
  /// that one output a question costs it more than the wait does.
  static final Duration BUNCH_WAIT = Duration.ofMillis(15);

  /// How much longer that is for each input that the caller still waits for, and names with its
  /// next question: what asking costs is paid back by what comes with the answer.
  static final Duration BUNCH_WAIT_PER_OPEN_INPUT = Duration.ofNanos(100_000);

  /// Longest time that an output waits for others to go with.
  static final Duration LONGEST_BUNCH_WAIT = Duration.ofMillis(115);

  /// A bunch of this size is handed over at once.
  static final int BUNCH_SIZE = 100;

  /// Most outputs of one answer, and the bytes after which an answer takes no further output.
  static final int MAX_OUTPUTS = 1_000;

  static final int MAX_ANSWER_BYTES = 48 << 20;

  /// Which outputs are asked for.
  public sealed interface Wanted {
    /// All behind a place in the order of arrival.
    record After(Place place) implements Wanted {}

    /// Those of the inputs from one index to another, both included.
    record Range(int from, int to) implements Wanted {}
  }

  /// A place in the order in which the outputs of a call arrived. The order is that of the memory:
  /// a call that was read from the database again may have another one, and the reader begins anew.
  /// It knows outputs that it has had by their index.
  ///
  /// @param incarnation which reading of the call into the memory the order is of
  public record Place(long incarnation, int position) {
    /// Before the first.
    public static final Place START = new Place(0, 0);

    private int in(Call call) {
      return incarnation == call.incarnation ? Math.clamp(position, 0, call.outputs.size()) : 0;
    }
  }

  /// The answer.
  ///
  /// @param place the cursor behind the last output of the answer
  /// @param unfinished inputs of the call that have no output yet
  public record Read(List<Output> outputs, Place place, int unfinished) {}

  private final CallMemory memory;
  private final Calls calls;
  private final Clock clock;

  Outputs(CallMemory memory, Calls calls, Clock clock) {
    this.memory = memory;
    this.calls = calls;
    this.clock = clock;
  }

  /// Waits for outputs.
  ///
  /// @param holdWhenDone how long to wait when every known input has its output and all were read;
  ///   the caller may be about to put more
  public Read read(CallId id, Wanted wanted, int most, Duration hold, Duration holdWhenDone)
      throws InterruptedException {
    Call call = memory.hold(id).orElseThrow(() -> Calls.missing(id));
    try {
      return read(call, wanted, most, hold, holdWhenDone);
    } finally {
      memory.release(call);
    }
  }

  private Read read(Call call, Wanted wanted, int most, Duration hold, Duration holdWhenDone)
      throws InterruptedException {
    FunctionQueue queue = memory.queue(call.function);
    int limit = most <= 0 ? MAX_OUTPUTS : Math.min(most, MAX_OUTPUTS);
    long start = System.nanoTime();
    queue.lock.lockInterruptibly();
    try {
      while (true) {
        call.usedAt = clock.instant();
        Read read = select(call, wanted, limit);
        long waited = System.nanoTime() - start;
        Duration patience =
            read.unfinished() == 0 && !call.inputs.isEmpty() ? min(hold, holdWhenDone) : hold;
        if (!read.outputs().isEmpty()) {
          return bunch(call, wanted, limit, read);
        }
        if (waited >= patience.toNanos() || (call.cancelled && read.unfinished() == 0)) {
          return read;
        }
        call.changed.await(patience.toNanos() - waited, TimeUnit.NANOSECONDS);
      }
    } finally {
      queue.lock.unlock();
    }
  }

  private Read bunch(Call call, Wanted wanted, int limit, Read first) throws InterruptedException {
    Read read = first;
    if (call.kind == CallKind.MAP) {
      long left = bunchWait(first.unfinished()).toNanos();
      while (left > 0
          && read.outputs().size() < Math.min(limit, BUNCH_SIZE)
          && read.unfinished() > 0) {
        left = call.changed.awaitNanos(left);
        read = select(call, wanted, limit);
      }
    }
    Instant now = clock.instant();
    for (Output output : read.outputs()) {
      Input input = call.inputs.get(output.index());
      if (input != null) {
        input.timeline.delivered(now);
      }
    }
    return read;
  }

  static Duration bunchWait(int open) {
    return min(BUNCH_WAIT.plus(BUNCH_WAIT_PER_OPEN_INPUT.multipliedBy(open)), LONGEST_BUNCH_WAIT);
  }

  private static Read select(Call call, Wanted wanted, int limit) {
    return switch (wanted) {
      case Wanted.After(Place place) -> {
        int from = place.in(call);
        List<Output> outputs = new ArrayList<>();
        long bytes = 0;
        for (int i = from; i < call.outputs.size() && outputs.size() < limit; i++) {
          Output output = call.outputs.get(i);
          bytes += output.outcome().payload().map(p -> p.length).orElse(0);
          if (bytes > MAX_ANSWER_BYTES && !outputs.isEmpty()) {
            break;
          }
          outputs.add(output);
        }
        yield new Read(outputs, placeIn(call, from + outputs.size()), call.unfinished());
      }
      case Wanted.Range(int from, int to) -> {
        List<Output> outputs = new ArrayList<>();
        // A caller may name any range; no more of it than one answer can hold is looked at.
        int first = Math.max(from, 0);
        long last = Math.min(to, (long) first + limit - 1);
        for (long i = first; i <= last; i++) {
          Optional.ofNullable(call.outputsByIndex.get((int) i)).ifPresent(outputs::add);
        }
        yield new Read(outputs, placeIn(call, call.outputs.size()), call.unfinished());
      }
    };
  }

  private static Place placeIn(Call call, int position) {
    return new Place(call.incarnation, position);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /// The caller has what it wanted: a call whose caller waits is over when all its outputs were
  /// read. It is removed a little later, because the answer may be lost on its way and asked for
  /// again.
  public void acknowledge(CallId id) {
    memory.find(id).ifPresent(this::acknowledge);
  }

  private void acknowledge(Call call) {
    FunctionQueue queue = memory.queue(call.function);
    queue.lock.lock();
    try {
      if (call.invocation.waits() && call.unfinished() == 0 && call.acknowledgedAt == null) {
        call.acknowledgedAt = clock.instant();
      }
    } finally {
      queue.lock.unlock();
    }
  }

  /// The containers that worked or work on a call.
  public List<TaskId> listTasks(CallId id) {
    Call call = calls.require(id);
    FunctionQueue queue = memory.queue(call.function);
    Set<TaskId> tasks = new LinkedHashSet<>();
    queue.lock.lock();
    try {
      call.outputs.forEach(output -> output.task().ifPresent(tasks::add));
      for (Input input : call.inputs.values()) {
        if (input.task != null) {
          tasks.add(input.task);
        }
      }
    } finally {
      queue.lock.unlock();
    }
    return List.copyOf(tasks);
  }

  /// How many inputs a call has and how they ended.
  public Summary summary(CallId id) {
    Call call = calls.require(id);
    FunctionQueue queue = memory.queue(call.function);
    queue.lock.lock();
    try {
      return new Summary(
          call.id,
          call.function,
          call.app,
          call.kind,
          call.createdAt,
          call.inputs.size(),
          List.copyOf(call.outputs));
    } finally {
      queue.lock.unlock();
    }
  }

  /// A call as a whole.
  public record Summary(
      CallId id,
      dev.slipway.model.FunctionId function,
      dev.slipway.model.AppId app,
      CallKind kind,
      Instant createdAt,
      int inputs,
      List<Output> outputs) {}
}
