package dev.slipway.scheduling;

import dev.slipway.model.Resources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Decides on which worker a container goes, and says what is missing when it goes nowhere.
public final class Placement {
  /// How far a worker's processor may be promised when a function would otherwise have no container
  /// at all: processors can be shared, and a function that waits for another's result would hold
  /// its own container for ever.
  static final int MOST_PROMISED_CPU = 2;

  /// How far a worker's memory may be promised, in percent of what it has, when containers wait for
  /// another that has no room beside them. Memory cannot be shared, but who waits uses little of
  /// what it was promised.
  static final int MOST_PROMISED_MEMORY_PERCENT = 150;

  private static final Comparator<WorkerSnapshot> ROOMIEST =
      Comparator.comparing(WorkerSnapshot::freeMilliCpu)
          .thenComparing(WorkerSnapshot::freeMemoryMib)
          .thenComparing(WorkerSnapshot::workerId);

  private static final Comparator<WorkerSnapshot> MOST_DISK =
      Comparator.comparing(WorkerSnapshot::freeDiskMib).thenComparing(ROOMIEST);

  private Placement() {}

  /// The worker with most free processor of those that have room.
  static Optional<WorkerSnapshot> place(Resources resources, Collection<WorkerSnapshot> workers) {
    return workers.stream().filter(w -> w.hasRoomFor(resources)).max(ROOMIEST);
  }

  /// The same, where processors that are promised already are promised once more.
  static Optional<WorkerSnapshot> squeeze(Resources resources, Collection<WorkerSnapshot> workers) {
    return workers.stream().filter(w -> w.hasSharedRoomFor(resources)).max(ROOMIEST);
  }

  /// The same, where memory that is promised already is promised once more, too.
  static Optional<WorkerSnapshot> crowd(Resources resources, Collection<WorkerSnapshot> workers) {
    return workers.stream().filter(w -> w.hasCrowdedRoomFor(resources)).max(ROOMIEST);
  }

  /// Whether no worker could hold it, however empty.
  static boolean impossible(Resources resources, Collection<WorkerSnapshot> workers) {
    return !workers.isEmpty() && workers.stream().noneMatch(w -> w.couldEverHold(resources));
  }

  /// What is missing.
  static String missing(Resources resources, Collection<WorkerSnapshot> workers) {
    if (workers.isEmpty()) {
      return "no worker is attached";
    }
    if (impossible(resources, workers)) {
      return "needs %s; no attached worker can ever run it, the largest has %s"
          .formatted(
              said(resources, resources.milliCpu(), resources.memoryMib(), resources.diskMib()),
              said(
                  resources,
                  workers.stream().mapToInt(WorkerSnapshot::milliCpu).max().orElse(0),
                  workers.stream().mapToLong(WorkerSnapshot::memoryMib).max().orElse(0),
                  workers.stream().mapToLong(WorkerSnapshot::diskMib).max().orElse(0)));
    }
    WorkerSnapshot freest =
        workers.stream()
            .filter(w -> w.couldEverHold(resources))
            .max(resources.diskMib() > 0 ? MOST_DISK : ROOMIEST)
            .orElseThrow();
    List<String> needs = new ArrayList<>();
    if (freest.freeMemoryMib() < resources.memoryMib()) {
      needs.add(
          "%s, %s free"
              .formatted(
                  Amounts.memory(resources.memoryMib()), Amounts.memory(freest.freeMemoryMib())));
    }
    if (freest.freeMilliCpu() < resources.milliCpu()) {
      needs.add(
          "%s, %s free"
              .formatted(
                  Amounts.cores(resources.milliCpu()), Amounts.cores(freest.freeMilliCpu())));
    }
    if (resources.diskMib() > 0 && freest.freeDiskMib() < resources.diskMib()) {
      needs.add(
          "%s, %s free"
              .formatted(Amounts.disk(resources.diskMib()), Amounts.memory(freest.freeDiskMib())));
    }
    return needs.isEmpty()
        ? "the free room is kept for those that wait longer"
        : "needs " + String.join(" and ", needs);
  }

  /// Amounts of what was asked for; of disk only when some was.
  private static String said(Resources asked, int milliCpu, long memoryMib, long diskMib) {
    return asked.diskMib() == 0
        ? Amounts.cores(milliCpu) + " and " + Amounts.memory(memoryMib)
        : "%s, %s and %s"
            .formatted(Amounts.cores(milliCpu), Amounts.memory(memoryMib), Amounts.disk(diskMib));
  }
}
