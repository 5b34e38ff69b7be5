package dev.slipway.controlplane.log;

import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import java.util.Optional;

/// Which lines of an app are wanted: those that satisfy every part that is there.
///
/// @param call lines of the tasks that work on this call; a line does not say which of its task's
///   calls it belongs to
/// @param text lines that contain this text, in this case; empty for all
public record LogFilter(
    Optional<TaskId> task,
    Optional<FunctionId> function,
    Optional<CallId> call,
    Optional<Channel> channel,
    String text) {

  /// Every line.
  public static final LogFilter ALL =
      new LogFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "");

  public LogFilter {
    text = Text.storable(text);
  }
}
