package dev.slipway.scheduling;

import dev.slipway.model.Resources;
import java.util.Comparator;
import java.util.List;

/// Decides on which worker a container goes.
public final class Placement {

  /// The answer: a worker, or what is missing.
  public sealed interface Decision {
    /// One sentence, repeated in the log.
    String reason();

    /// Goes to this worker.
    record Place(String workerId, String reason) implements Decision {}

    /// Has to wait.
    record Wait(String reason) implements Decision {}
  }

  /// Prefers a worker that holds the image, then the one with most free cpu.
  public Decision place(Resources resources, List<WorkerSnapshot> workers) {
    if (workers.isEmpty()) {
      return new Decision.Wait("no worker is attached");
    }
    return workers.stream()
        .filter(w -> w.freeMilliCpu() >= resources.milliCpu())
        .filter(w -> w.freeMemoryMib() >= resources.memoryMib())
        .max(
            Comparator.comparing(WorkerSnapshot::holdsImage)
                .thenComparing(WorkerSnapshot::freeMilliCpu)
                .thenComparing(WorkerSnapshot::workerId))
        .<Decision>map(w ->
            new Decision.Place(
                w.workerId(),
                "on worker %s, which has %.2f cores and %d MiB free%s"
                    .formatted(
                        w.workerId(),
                        w.freeMilliCpu() / 1000.0,
                        w.freeMemoryMib(),
                        w.holdsImage() ? " and holds the image" : "")))
        .orElseGet(() -> new Decision.Wait(missing(resources, workers)));
  }

  private static String missing(Resources resources, List<WorkerSnapshot> workers) {
    int cpu = workers.stream().mapToInt(WorkerSnapshot::freeMilliCpu).max().orElse(0);
    long memory = workers.stream().mapToLong(WorkerSnapshot::freeMemoryMib).max().orElse(0);
    return "needs %.2f cores and %d MiB; the freest of %d workers have %.2f cores and %d MiB"
        .formatted(
            resources.milliCpu() / 1000.0,
            resources.memoryMib(),
            workers.size(),
            cpu / 1000.0,
            memory);
  }
}
