package dev.slipway.scheduling;

import dev.slipway.model.AppId;
import dev.slipway.model.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How much of all machines each app holds: its part of the processors, of the memory or of the
/// disk, whichever is largest. What leaves is not counted any more.
final class Shares {
  private final Map<AppId, Resources> held = new HashMap<>();
  private final double allCpu;
  private final double allMemory;
  private final double allDisk;

  Shares(List<WorkerSnapshot> workers, List<Holding> holdings) {
    this.allCpu = Math.max(1, workers.stream().mapToLong(WorkerSnapshot::milliCpu).sum());
    this.allMemory = Math.max(1, workers.stream().mapToLong(WorkerSnapshot::memoryMib).sum());
    this.allDisk = Math.max(1, workers.stream().mapToLong(WorkerSnapshot::diskMib).sum());
    holdings.stream()
        .filter(h -> h.use() != Holding.Use.LEAVING)
        .forEach(h -> add(h.app(), h.resources()));
  }

  void add(AppId app, Resources resources) {
    held.merge(app, resources, (one, other) -> sum(one, other, 1));
  }

  void remove(AppId app, Resources resources) {
    held.computeIfPresent(app, (id, before) -> sum(before, resources, -1));
  }

  double of(AppId app) {
    Resources holds = held.get(app);
    return holds == null ? 0 : of(holds);
  }

  double of(Resources resources) {
    return Math.max(
        resources.diskMib() / allDisk,
        Math.max(resources.milliCpu() / allCpu, resources.memoryMib() / allMemory));
  }

  private static Resources sum(Resources one, Resources other, int sign) {
    return new Resources(
        one.milliCpu() + sign * other.milliCpu(),
        0,
        one.memoryMib() + sign * other.memoryMib(),
        0,
        one.diskMib() + sign * other.diskMib());
  }
}
