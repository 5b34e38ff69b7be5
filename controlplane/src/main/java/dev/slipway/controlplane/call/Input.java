package dev.slipway.controlplane.call;

import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.time.Instant;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One input of an active call. All changing fields are guarded by the lock of the function's
/// queue.
final class Input {
  /// Where an input is.
  enum State {
    /// Accepted, and no container has it.
    WAITING,
    /// Failed, and waits for the delay before its next attempt.
    DELAYED,
    /// A container works on it.
    RUNNING,
    /// Its output exists.
    DONE
  }

  final InputId id;
  final Call call;
  final int index;
  final String method;
  final Timeline timeline;

  /// Null once the input is done: nobody will run it again.
  byte @Nullable [] payload;

  State state = State.WAITING;
  int failedAttempts;

  /// How often its container was taken away from it.
  int withdrawals;

  @Nullable TaskId task;
  @Nullable Instant startedAt;

  /// Since when it has waited for a container, while it does.
  Instant waitingSince = Instant.EPOCH;

  /// When its next attempt begins to wait, while it is delayed.
  Instant retryAt = Instant.EPOCH;

  /// Its final result is on its way to the disk: no other result is taken.
  boolean settling;

  /// Fires when the attempt has run for too long.
  @Nullable Future<?> timeout;

  Input(InputId id, Call call, NewInput input, Timeline timeline) {
    this.id = id;
    this.call = call;
    this.index = input.index();
    this.method = input.method();
    this.payload = input.payload();
    this.timeline = timeline;
  }

  /// Leaves whatever state the attempt was in; returns the container that worked on it.
  @Nullable TaskId detach(State next) {
    TaskId before = task;
    if (timeout != null) {
      timeout.cancel(false);
      timeout = null;
    }
    task = null;
    state = next;
    if (next == State.DONE) {
      payload = null;
    }
    return before;
  }
}
