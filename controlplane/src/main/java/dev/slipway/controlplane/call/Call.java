package dev.slipway.controlplane.call;

import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/// A call with its inputs and outputs. All changing fields are guarded by the lock of the
/// function's queue.
final class Call {
  /// What one input and its output take beside the output's payload.
  private static final long BYTES_PER_INPUT = 1_000;

  final CallId id;

  /// Which reading of the call into the memory this is: places in the order of outputs mean
  /// something only within one.
  final long incarnation;

  final FunctionId function;
  final AppId app;

  /// Whose limits its inputs count towards.
  final WorkspaceId workspace;

  final CallKind kind;
  final Invocation invocation;
  final Optional<ParentInput> parent;
  final Instant createdAt;
  final Map<Integer, Input> inputs = new HashMap<>();

  /// In order of arrival: a cursor is a place in this list.
  final List<Output> outputs = new ArrayList<>();

  final Map<Integer, Output> outputsByIndex = new HashMap<>();

  /// Signalled when an output arrives or an input is added.
  final Condition changed;

  boolean cancelled;

  /// Noted in the database as finished: an input that is added takes the note back.
  boolean settled;

  /// The note is being written: nobody adds inputs meanwhile.
  boolean settling;

  /// How many requests are in the middle of using it: it stays in the memory for them.
  int holders;

  /// What it takes of the memory, about.
  private long bytes;

  /// What it was counted with when it finished last.
  long countedBytes;

  /// Since when its caller has had everything it wanted; a repeated question is still answered.
  @Nullable Instant acknowledgedAt;

  /// When somebody last asked for it; calls that nobody asks for leave the memory.
  Instant usedAt;

  Call(
      CallId id,
      long incarnation,
      FunctionId function,
      AppId app,
      WorkspaceId workspace,
      CallKind kind,
      Invocation invocation,
      Optional<ParentInput> parent,
      Instant createdAt,
      Condition changed) {
    this.id = id;
    this.incarnation = incarnation;
    this.function = function;
    this.app = app;
    this.workspace = workspace;
    this.kind = kind;
    this.invocation = invocation;
    this.parent = parent;
    this.createdAt = createdAt;
    this.usedAt = createdAt;
    this.changed = changed;
  }

  int unfinished() {
    return inputs.size() - outputsByIndex.size();
  }

  /// What it takes of the memory, about.
  long bytes() {
    return bytes + (long) inputs.size() * BYTES_PER_INPUT;
  }

  void add(Output output) {
    if (outputsByIndex.putIfAbsent(output.index(), output) == null) {
      outputs.add(output);
      bytes += output.outcome().payload().map(payload -> payload.length).orElse(0);
      changed.signalAll();
    }
  }
}
