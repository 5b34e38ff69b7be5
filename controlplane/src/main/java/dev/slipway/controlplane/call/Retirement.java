package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.storage.Row;
import dev.slipway.model.CallId;
import dev.slipway.model.SlipwayException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets finished calls leave the memory. They are noted as settled in the database first, so that
/// no start looks at them; whoever asks for one later has it read from there.
final class Retirement {
  /// How long a finished call stays without being asked for.
  static final Duration KEEP_FINISHED = Duration.ofMinutes(5);

  /// How long a call is kept after its caller has had everything.
  static final Duration KEEP_ACKNOWLEDGED = Duration.ofMinutes(2);

  /// How long both stay when finished calls take more memory than they may: who has lost an answer
  /// on its way asks again within that time.
  static final Duration KEEP_ANYWAY = Duration.ofSeconds(10);

  /// Least time between two rounds for want of room.
  static final Duration ROUND_PAUSE = Duration.ofSeconds(1);

  /// How many calls one statement settles.
  private static final int SETTLED_TOGETHER = 1_000;

  private static final Logger log = LoggerFactory.getLogger(Retirement.class);

  private final CallMemory memory;
  private final GroupCommit commits;
  private final Deadlines deadlines;
  private final Clock clock;
  private final long roomForFinished;
  private final Consumer<CallId> removed;
  private final Consumer<CallId> dropped;
  private final AtomicBoolean roundDue = new AtomicBoolean();

  /// @param roomForFinished bytes that finished calls may take, about
  /// @param removed told of calls that nobody will ask for any more
  /// @param dropped told of calls that have left the memory
  Retirement(
      CallMemory memory,
      GroupCommit commits,
      Deadlines deadlines,
      Clock clock,
      long roomForFinished,
      Consumer<CallId> removed,
      Consumer<CallId> dropped) {
    this.memory = memory;
    this.commits = commits;
    this.deadlines = deadlines;
    this.clock = clock;
    this.roomForFinished = roomForFinished;
    this.removed = removed;
    this.dropped = dropped;
  }

  /// Called after a call has finished: nothing but a comparison while there is room.
  void makeRoom() {
    if (memory.finishedBytes() > roomForFinished && roundDue.compareAndSet(false, true)) {
      deadlines.after(ROUND_PAUSE, this::makeRoomNow);
    }
  }

  private void makeRoomNow() {
    roundDue.set(false);
    long before = memory.finishedBytes();
    round(KEEP_ANYWAY, KEEP_ANYWAY);
    log.debug(
        "finished calls took {} bytes of memory, more than {}; {} after a round of retirement",
        before,
        roomForFinished,
        memory.finishedBytes());
    // What was asked for just now may leave in the next round.
    makeRoom();
  }

  /// The regular round.
  void run() {
    if (memory.finishedBytes() > roomForFinished) {
      round(KEEP_ANYWAY, KEEP_ANYWAY);
    } else {
      round(KEEP_FINISHED, KEEP_ACKNOWLEDGED);
    }
    memory.forgetKeys();
  }

  private void round(Duration keepFinished, Duration keepAcknowledged) {
    Instant now = clock.instant();
    List<CallId> over = new ArrayList<>();
    List<Call> finished = new ArrayList<>();
    for (Call call : memory.listLoaded()) {
      FunctionQueue queue = memory.queue(call.function);
      queue.lock.lock();
      try {
        if (call.unfinished() > 0 || call.holders > 0 || call.settling) {
          continue;
        }
        Instant acknowledged = call.acknowledgedAt;
        if (acknowledged != null) {
          if (acknowledged.isBefore(now.minus(keepAcknowledged))) {
            over.add(call.id);
          }
        } else if (call.usedAt.isBefore(now.minus(keepFinished))) {
          call.settling = true;
          finished.add(call);
        }
      } finally {
        queue.lock.unlock();
      }
    }
    over.forEach(removed);
    for (int i = 0; i < finished.size(); i += SETTLED_TOGETHER) {
      settle(finished.subList(i, Math.min(i + SETTLED_TOGETHER, finished.size())));
    }
  }

  private void settle(List<Call> calls) {
    List<Row> rows =
        calls.stream()
            .filter(call -> !call.settled)
            .map(call -> CallStore.settled(call.id))
            .toList();
    boolean noted = false;
    try {
      if (!rows.isEmpty()) {
        commits.commit(rows);
      }
      noted = true;
    } catch (SlipwayException e) {
      log.warn("{} finished calls stay in the memory: {}", calls.size(), e.getMessage());
    } finally {
      for (Call call : calls) {
        end(call, noted);
      }
    }
  }

  private void end(Call call, boolean noted) {
    FunctionQueue queue = memory.queue(call.function);
    boolean leaves;
    queue.lock.lock();
    try {
      call.settling = false;
      // Also when it failed: the note may have reached the database all the same, and whoever adds
      // an input takes it back then.
      call.settled = true;
      leaves = noted && call.holders == 0 && call.unfinished() == 0;
      if (leaves) {
        memory.forget(call);
      }
      call.changed.signalAll();
    } finally {
      queue.lock.unlock();
    }
    if (leaves) {
      dropped.accept(call.id);
    }
  }
}
