package dev.slipway.controlplane.fleet;

import dev.slipway.model.TaskId;
import java.util.List;

/// Where what containers say goes. Returns when the lines are kept, so that a worker is told only
/// then.
@FunctionalInterface
public interface TaskOutput {
  /// Where a line was written to.
  enum Channel {
    STDOUT,
    STDERR,
    /// Said by the platform.
    SYSTEM
  }

  /// @param timestampNanos nanoseconds since the epoch
  /// @param data text as the process wrote it; may end in the middle of a line
  record Entry(Channel channel, long timestampNanos, String data) {}

  void append(TaskId task, List<Entry> entries);
}
