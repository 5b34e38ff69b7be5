package dev.slipway.controlplane.task;

import dev.slipway.model.TaskId;
import java.time.Duration;
import java.util.List;

/// The workers, as far as tasks are concerned. Both orders return at once; what comes of them
/// arrives as events.
public interface Machines {
  /// An attached worker and all that it has to give.
  ///
  /// @param diskMib what it has for containers that ask for disk of their own
  /// @param saturated whether its processors have been working all the time lately
  record Machine(String workerId, int milliCpu, long memoryMib, long diskMib, boolean saturated) {}

  List<Machine> list();

  void start(String workerId, StartOrder order);

  /// Interrupts a container, and kills it when the grace is over.
  void stop(String workerId, TaskId task, Duration grace, String reason);
}
