package dev.slipway.controlplane.function;

import dev.slipway.model.FunctionId;

/// A definition that a function has or had: the client's own message, which it wants back
/// unchanged.
///
/// @param id equal for equal definitions
record Definition(FunctionId function, String id, byte[] message) {}
