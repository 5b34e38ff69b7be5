package dev.slipway.controlplane.rpc;

/// A reply that hands something over: what is in it was taken away from everybody else.
///
/// @param delivered is told that the reply went out; called at most once
/// @param undelivered gives it back; called at most once, when it is certain that no attempt of the
///   caller got the reply
public record Handover<R>(R reply, Runnable delivered, Runnable undelivered) {}
