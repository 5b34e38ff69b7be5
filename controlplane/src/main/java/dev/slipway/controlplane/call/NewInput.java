package dev.slipway.controlplane.call;

/// An input as a caller puts it.
///
/// @param index its place in the call
/// @param method of a class; empty for plain functions
/// @param payload the client's own message, opaque here
public record NewInput(int index, String method, byte[] payload) {}
