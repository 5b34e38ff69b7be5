package dev.slipway.scheduling;

import dev.slipway.model.Resources;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The room on the workers during one decision: what is free, and what will be when those that
/// leave are gone, less what is kept for somebody.
final class Room {
  private final Map<String, WorkerSnapshot> free = new TreeMap<>();
  private final Map<String, WorkerSnapshot> coming = new TreeMap<>();

  Room(List<WorkerSnapshot> workers, List<Holding> holdings) {
    for (WorkerSnapshot worker : workers) {
      free.put(worker.workerId(), worker);
      coming.put(worker.workerId(), worker);
    }
    holdings.stream().filter(h -> h.use() == Holding.Use.LEAVING).forEach(this::leaves);
  }

  boolean isEmpty() {
    return free.isEmpty();
  }

  boolean isImpossible(Resources resources) {
    return Placement.impossible(resources, free.values());
  }

  String missing(Resources resources) {
    return Placement.missing(resources, free.values());
  }

  Collection<WorkerSnapshot> listComing() {
    return coming.values();
  }

  /// A worker with free room that nobody's room is kept in.
  Optional<WorkerSnapshot> place(Resources resources) {
    return Placement.place(
        resources,
        free.values().stream()
            .filter(w -> coming.getOrDefault(w.workerId(), w).hasRoomFor(resources))
            .toList());
  }

  Optional<WorkerSnapshot> squeeze(Resources resources) {
    return Placement.squeeze(resources, free.values());
  }

  Optional<WorkerSnapshot> crowd(Resources resources) {
    return Placement.crowd(resources, free.values());
  }

  Optional<WorkerSnapshot> placeInComing(Resources resources) {
    return Placement.place(resources, coming.values());
  }

  void use(String workerId, Resources resources) {
    free.computeIfPresent(workerId, (id, worker) -> worker.without(resources));
    keep(workerId, resources);
  }

  void keep(String workerId, Resources resources) {
    coming.computeIfPresent(workerId, (id, worker) -> worker.without(resources));
  }

  /// The container's room comes free soon.
  void leaves(Holding holding) {
    coming.computeIfPresent(holding.workerId(), (id, worker) -> worker.with(holding.resources()));
  }
}
