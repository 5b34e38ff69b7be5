package dev.slipway.controlplane.queue;

/// One item of a queue.
///
/// @param position larger than those of all items before it
/// @param value opaque
record Item(long position, byte[] value) {}
