package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import java.util.List;
import java.util.Optional;

/// What the log must know of tasks.
public interface TaskOrigins {

  /// Where a task belongs.
  record Origin(AppId app, FunctionId function) {}

  /// Empty for a task that is not known, or no longer.
  Optional<Origin> find(TaskId task);

  /// Whether the task says nothing more: it has ended, or nobody knows it.
  boolean isOver(TaskId task);

  /// The tasks that have worked on the call so far, or do now.
  List<TaskId> listServing(CallId call);
}
