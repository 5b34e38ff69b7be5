package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.InputId;

/// An input handed to a container.
///
/// @param attempt counts from 0; a container tells a repetition from a new attempt by it
public record Assignment(
    InputId input, CallId call, int index, int invocationCode, int attempt, byte[] payload) {}
