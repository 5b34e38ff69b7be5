package dev.slipway.controlplane.log;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;

/// A line, or a piece of one, that is about to be kept.
record NewLine(TaskId task, FunctionId function, LogLine line) {}
