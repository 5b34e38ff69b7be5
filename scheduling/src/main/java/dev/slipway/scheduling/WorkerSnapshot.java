package dev.slipway.scheduling;

/// A worker at the moment of a decision.
///
/// @param holdsImage whether the image of the container to place is already there
public record WorkerSnapshot(
    String workerId, int freeMilliCpu, long freeMemoryMib, int containers, boolean holdsImage) {}
