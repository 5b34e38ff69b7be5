package dev.slipway.controlplane.call;

/// What the caller does while the call runs.
///
/// @param code the client's own number for it, handed to the container unchanged
/// @param waits whether the caller waits, so that the results need not outlive it
public record Invocation(int code, boolean waits) {}
