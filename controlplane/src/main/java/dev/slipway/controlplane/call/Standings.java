package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Says where the inputs of a call are: for people who wonder.
public final class Standings {
  private final CallMemory memory;

  Standings(CallMemory memory) {
    this.memory = memory;
  }

  /// Where one input is.
  public sealed interface Place {
    /// No container has it yet.
    ///
    /// @param ahead inputs of the same function that come before it
    record Waiting(Instant since, int ahead) implements Place {}

    /// It failed, and its next attempt is due at that time.
    record Delayed(Instant until) implements Place {}

    record Running(TaskId task, Instant since) implements Place {}

    record Done(OutcomeStatus status, String message) implements Place {}
  }

  /// One input.
  public record Standing(int index, InputId id, int failedAttempts, Place place) {}

  /// A call and its inputs.
  ///
  /// @param counts how many inputs are where, by the kind of place
  /// @param inputs the first of them, those that are not done before the others
  public record OfCall(
      CallId call,
      FunctionId function,
      Instant createdAt,
      boolean cancelled,
      Map<Kind, Integer> counts,
      List<Standing> inputs) {}

  /// The kinds of places, in the order in which they are told.
  public enum Kind {
    RUNNING,
    DELAYED,
    WAITING,
    DONE
  }

  /// What calls take of the memory that have all their outputs, in bytes, about.
  public long finishedBytes() {
    return memory.finishedBytes();
  }

  /// @param limit most inputs that are listed
  public OfCall require(CallId id, int limit) {
    Call call =
        memory
            .find(id)
            .orElseThrow(() ->
                new SlipwayException(
                    ErrorKind.NOT_FOUND,
                    "There is no function call '" + id + "', or its results have expired"));
    FunctionQueue queue = memory.queue(call.function);
    queue.lock.lock();
    try {
      Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
      call.inputs.values().forEach(input -> counts.merge(kind(input), 1, Integer::sum));
      Map<Input, Integer> positions = new HashMap<>();
      for (Input input : queue.listWaiting()) {
        positions.put(input, positions.size());
      }
      List<Standing> inputs = new ArrayList<>();
      call.inputs.values().stream()
          .sorted(Comparator.comparing(Standings::kind).thenComparing(input -> input.index))
          .limit(limit)
          .forEach(input ->
              inputs.add(
                  new Standing(
                      input.index, input.id, input.failedAttempts, place(input, positions))));
      return new OfCall(
          call.id, call.function, call.createdAt, call.cancelled, Map.copyOf(counts), inputs);
    } finally {
      queue.lock.unlock();
    }
  }

  private static Kind kind(Input input) {
    return switch (input.state) {
      case WAITING -> Kind.WAITING;
      case DELAYED -> Kind.DELAYED;
      case RUNNING -> Kind.RUNNING;
      case DONE -> Kind.DONE;
    };
  }

  private static Place place(Input input, Map<Input, Integer> positions) {
    return switch (input.state) {
      case WAITING -> new Place.Waiting(input.waitingSince, positions.getOrDefault(input, 0));
      case DELAYED -> new Place.Delayed(input.retryAt);
      case RUNNING ->
          new Place.Running(
              Objects.requireNonNull(input.task), Objects.requireNonNull(input.startedAt));
      case DONE ->
          Optional.ofNullable(input.call.outputsByIndex.get(input.index))
              .<Place>map(
                  output -> new Place.Done(output.outcome().status(), output.outcome().message()))
              .orElseGet(() -> new Place.Done(OutcomeStatus.TERMINATED, ""));
    };
  }
}
