package dev.slipway.scheduling;

import dev.slipway.model.Resources;

/// A worker at the moment of a decision.
///
/// @param milliCpu all that it has
/// @param memoryMib all that it has
/// @param diskMib all that it has for containers that ask for disk of their own
/// @param freeMilliCpu what is promised to nobody; below zero when more is promised than there is
/// @param freeMemoryMib what is promised to nobody; below zero when more is promised than there is
/// @param freeDiskMib what is promised to nobody; below zero when the worker has less than before
public record WorkerSnapshot(
    String workerId,
    int milliCpu,
    long memoryMib,
    long diskMib,
    int freeMilliCpu,
    long freeMemoryMib,
    long freeDiskMib) {

  /// Whether it could hold the container if it held nothing else.
  boolean couldEverHold(Resources resources) {
    return milliCpu >= resources.milliCpu()
        && memoryMib >= resources.memoryMib()
        && diskMib >= resources.diskMib();
  }

  boolean hasRoomFor(Resources resources) {
    return hasRoomFor(resources, 0, 0);
  }

  /// Whether there is room when processors that are promised already are promised once more.
  boolean hasSharedRoomFor(Resources resources) {
    return couldEverHold(resources) && hasRoomFor(resources, sharedCpu(), 0);
  }

  /// Whether there is room when memory that is promised already is promised once more, too.
  boolean hasCrowdedRoomFor(Resources resources) {
    long extra = memoryMib * (Placement.MOST_PROMISED_MEMORY_PERCENT - 100) / 100;
    return couldEverHold(resources) && hasRoomFor(resources, sharedCpu(), extra);
  }

  /// Disk is never promised twice: what is written to it stays.
  private boolean hasRoomFor(Resources resources, int extraCpu, long extraMemory) {
    return freeMilliCpu + extraCpu >= resources.milliCpu()
        && freeMemoryMib + extraMemory >= resources.memoryMib()
        && (resources.diskMib() == 0 || freeDiskMib >= resources.diskMib());
  }

  private int sharedCpu() {
    return (Placement.MOST_PROMISED_CPU - 1) * milliCpu;
  }

  WorkerSnapshot without(Resources resources) {
    return plus(resources, -1);
  }

  WorkerSnapshot with(Resources resources) {
    return plus(resources, 1);
  }

  private WorkerSnapshot plus(Resources resources, int sign) {
    return new WorkerSnapshot(
        workerId,
        milliCpu,
        memoryMib,
        diskMib,
        freeMilliCpu + sign * resources.milliCpu(),
        freeMemoryMib + sign * (long) resources.memoryMib(),
        freeDiskMib + sign * (long) resources.diskMib());
  }
}
