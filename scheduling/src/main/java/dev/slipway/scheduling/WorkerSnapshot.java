package dev.slipway.scheduling;

import dev.slipway.model.Resources;

/// A worker at the moment of a decision.
///
/// @param milliCpu all that it has
/// @param memoryMib all that it has
/// @param freeMilliCpu what is promised to nobody; below zero when more is promised than there is
/// @param freeMemoryMib what is promised to nobody; below zero when more is promised than there is
public record WorkerSnapshot(
    String workerId, int milliCpu, long memoryMib, int freeMilliCpu, long freeMemoryMib) {

  /// Whether it could hold the container if it held nothing else.
  boolean couldEverHold(Resources resources) {
    return milliCpu >= resources.milliCpu() && memoryMib >= resources.memoryMib();
  }

  boolean hasRoomFor(Resources resources) {
    return freeMilliCpu >= resources.milliCpu() && freeMemoryMib >= resources.memoryMib();
  }

  /// Whether there is room when processors that are promised already are promised once more.
  boolean hasSharedRoomFor(Resources resources) {
    return couldEverHold(resources)
        && freeMemoryMib >= resources.memoryMib()
        && freeMilliCpu + (Placement.MOST_PROMISED_CPU - 1) * milliCpu >= resources.milliCpu();
  }

  /// Whether there is room when memory that is promised already is promised once more, too.
  boolean hasCrowdedRoomFor(Resources resources) {
    long extra = memoryMib * (Placement.MOST_PROMISED_MEMORY_PERCENT - 100) / 100;
    return couldEverHold(resources)
        && new WorkerSnapshot(workerId, milliCpu, memoryMib, freeMilliCpu, freeMemoryMib + extra)
            .hasSharedRoomFor(resources);
  }

  WorkerSnapshot without(Resources resources) {
    return new WorkerSnapshot(
        workerId,
        milliCpu,
        memoryMib,
        freeMilliCpu - resources.milliCpu(),
        freeMemoryMib - resources.memoryMib());
  }

  WorkerSnapshot with(Resources resources) {
    return new WorkerSnapshot(
        workerId,
        milliCpu,
        memoryMib,
        freeMilliCpu + resources.milliCpu(),
        freeMemoryMib + resources.memoryMib());
  }
}
