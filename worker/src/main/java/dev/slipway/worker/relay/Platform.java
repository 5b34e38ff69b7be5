package dev.slipway.worker.relay;

import dev.slipway.model.TaskId;
import io.grpc.Channel;

/// The way to the platform for one task.
///
/// @param channel carries the worker's credentials
record Platform(TaskId task, Channel channel) {}
