package dev.slipway.controlplane.log;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;

/// A line, or a piece of one, as it is kept.
///
/// @param entry its place in the app's log: greater than that of every line kept before it
/// @param timestampNanos nanoseconds since the epoch
/// @param data at most one line, with its newline if it has been written to its end
record KeptLine(
    long entry,
    TaskId task,
    FunctionId function,
    Channel channel,
    long timestampNanos,
    String data) {}
