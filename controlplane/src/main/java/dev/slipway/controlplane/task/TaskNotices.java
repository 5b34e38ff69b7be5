package dev.slipway.controlplane.task;

import dev.slipway.model.TaskId;

/// What the platform has to say about a container to whoever reads its log.
@FunctionalInterface
public interface TaskNotices {
  void say(TaskId task, String sentence);
}
