package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.storage.Row;
import dev.slipway.model.SlipwayException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives inputs their final results: of several that race for an input the first one counts, and it
/// is durable before anybody sees it.
final class Settlement {
  /// How long a result of the platform waits before the database is offered it again.
  private static final Duration REWRITE_PAUSE = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  private final CallMemory memory;
  private final GroupCommit commits;
  private final Deadlines deadlines;
  private final Clock clock;
  private final Runnable finished;

  /// @param finished told after calls may have finished
  Settlement(
      CallMemory memory, GroupCommit commits, Deadlines deadlines, Clock clock, Runnable finished) {
    this.finished = finished;
    this.memory = memory;
    this.commits = commits;
    this.deadlines = deadlines;
    this.clock = clock;
  }

  /// Gives these inputs their final result, which the platform made: nobody will bring it again, so
  /// it is kept until the database takes it.
  void end(FunctionQueue queue, List<Input> inputs, Outcome outcome) {
    if (inputs.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    Map<Input, Output> outputs = new HashMap<>();
    for (Input input : inputs) {
      outputs.put(
          input,
          new Output(
              input.index,
              input.id,
              outcome,
              Optional.ofNullable(input.task),
              Optional.ofNullable(input.startedAt),
              now));
    }
    writeForSure(queue, claim(queue, outputs));
  }

  private void writeForSure(FunctionQueue queue, Map<Input, Output> claimed) {
    if (claimed.isEmpty()) {
      return;
    }
    try {
      commits.commit(rows(claimed));
    } catch (SlipwayException e) {
      log.warn("{} results wait for the database: {}", claimed.size(), e.getMessage());
      deadlines.after(REWRITE_PAUSE, () -> writeForSure(queue, claimed));
      return;
    }
    publish(queue, claimed);
  }

  /// Makes outputs of a container durable, then visible. An input that was settled meanwhile keeps
  /// its first result. When the database does not take them, the container brings them again.
  void settle(FunctionQueue queue, Map<Input, Output> outputs) {
    Map<Input, Output> claimed = claim(queue, outputs);
    if (claimed.isEmpty()) {
      return;
    }
    boolean durable = false;
    try {
      commits.commit(rows(claimed));
      durable = true;
    } finally {
      if (!durable) {
        queue.lock.lock();
        try {
          claimed.keySet().forEach(input -> input.settling = false);
        } finally {
          queue.lock.unlock();
        }
      }
    }
    publish(queue, claimed);
  }

  private static List<Row> rows(Map<Input, Output> outputs) {
    List<Row> rows = new ArrayList<>(outputs.size());
    outputs.forEach((input, output) -> rows.add(CallStore.output(input.call, output)));
    return rows;
  }

  private void publish(FunctionQueue queue, Map<Input, Output> durable) {
    Instant now = clock.instant();
    queue.lock.lock();
    try {
      List<Input> lasted = new ArrayList<>(durable.size());
      durable.forEach((input, output) -> {
        if (output.outcome().payload().isPresent() || queue.hasBegun(input)) {
          lasted.add(input);
        }
      });
      queue.measure(lasted);
      durable.forEach((input, output) -> {
        input.settling = false;
        input.timeline.outputPut(now);
        queue.remove(input, Input.State.DONE);
        memory.close(input);
        input.call.add(output);
        if (input.call.unfinished() == 0) {
          memory.finished(input.call);
        }
      });
    } finally {
      queue.lock.unlock();
    }
    finished.run();
  }

  /// Of several results that race for an input, the first one counts.
  private static Map<Input, Output> claim(FunctionQueue queue, Map<Input, Output> outputs) {
    Map<Input, Output> first = new LinkedHashMap<>();
    queue.lock.lock();
    try {
      outputs.forEach((input, output) -> {
        if (input.state != Input.State.DONE && !input.settling) {
          input.settling = true;
          first.put(input, output);
        }
      });
    } finally {
      queue.lock.unlock();
    }
    return first;
  }
}
