package dev.slipway.controlplane.task;

import dev.slipway.model.FunctionId;
import dev.slipway.scheduling.CrashLoop;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/// Remembers functions whose containers break down one after the other.
final class Breakdowns {
  private final ConcurrentHashMap<FunctionId, CrashLoop> loops = new ConcurrentHashMap<>();
  private final Clock clock;

  Breakdowns(Clock clock) {
    this.clock = clock;
  }

  /// One more container never became ready; returns how many there were in a row.
  int startFailed(FunctionId function) {
    return add(function, CrashLoop::startFailed).startFailures();
  }

  /// One more container crashed after it had become ready.
  void crashed(FunctionId function) {
    add(function, CrashLoop::crashed);
  }

  private CrashLoop add(FunctionId function, BiFunction<CrashLoop, Instant, CrashLoop> event) {
    return Objects.requireNonNull(
        loops.compute(
            function,
            (f, before) ->
                event.apply(before == null ? CrashLoop.none() : before, clock.instant())));
  }

  /// A container of the function became ready.
  void started(FunctionId function) {
    loops.computeIfPresent(
        function,
        (f, before) -> before.started().equals(CrashLoop.none()) ? null : before.started());
  }

  /// A container of the function answered an input.
  void worked(FunctionId function) {
    loops.remove(function);
  }

  /// When the function's next container may start.
  Instant notBefore(FunctionId function) {
    CrashLoop loop = loops.get(function);
    return loop == null ? Instant.EPOCH : loop.notBefore();
  }

  /// What is wrong with the function's containers, as long as something follows from it.
  Optional<String> complaint(FunctionId function) {
    return Optional.ofNullable(loops.get(function))
        .flatMap(loop -> loop.complaint(clock.instant()));
  }
}
