package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.InputId;

/// The input whose code made a call.
record ParentInput(InputId input, CallId call) {}
