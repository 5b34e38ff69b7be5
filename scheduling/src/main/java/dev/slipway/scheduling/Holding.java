package dev.slipway.scheduling;

import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.Resources;
import dev.slipway.model.TaskId;
import java.time.Instant;

/// A container's room, and what it is used for.
///
/// @param since since when it is in that use
record Holding(
    TaskId task,
    FunctionId function,
    AppId app,
    String workerId,
    Resources resources,
    Use use,
    Instant since) {

  /// What the room is used for.
  enum Use {
    /// Nothing: whoever needs it may have it.
    SPARE,
    /// Work. The container can be given no more inputs, and leaves when it is through with those it
    /// has.
    WORKING,
    /// It starts.
    STARTING,
    /// Its function must keep it.
    KEPT,
    /// Its room comes free soon.
    LEAVING
  }
}
