package dev.slipway.controlplane.rpc;

import dev.slipway.model.TaskId;
import java.util.Optional;

/// Where a task belongs, for the calls that its container makes. Asked once per call, so the answer
/// must be cheap.
@FunctionalInterface
public interface TaskDirectory {
  Optional<Caller.Task> find(TaskId task);
}
