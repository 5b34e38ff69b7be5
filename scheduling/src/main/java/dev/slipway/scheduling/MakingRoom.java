package dev.slipway.scheduling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds containers that should give up their room for a claim.
final class MakingRoom {
  /// Containers of one worker whose room together is enough.
  ///
  /// @param evict those with nothing to do
  /// @param retire those that leave when they are through
  record Way(String workerId, List<Holding> evict, List<Holding> retire) {}

  private final Room room;
  private final Shares shares;
  private final Map<String, List<Holding>> byWorker = new HashMap<>();

  MakingRoom(Room room, Shares shares, List<Holding> holdings) {
    this.room = room;
    this.shares = shares;
    holdings.stream()
        .filter(h -> h.use() != Holding.Use.LEAVING)
        .forEach(h -> byWorker.computeIfAbsent(h.workerId(), w -> new ArrayList<>()).add(h));
  }

  /// The way that disturbs least.
  ///
  /// @param mayRetire whether containers that work may be retired, too
  Optional<Way> find(Claim claim, boolean mayRetire) {
    return find(claim, mayRetire, worker -> worker.hasRoomFor(claim.resources()));
  }

  /// The same for room on processors that others have, too.
  Optional<Way> findShared(Claim claim) {
    return find(claim, true, worker -> worker.hasSharedRoomFor(claim.resources()));
  }

  private Optional<Way> find(Claim claim, boolean mayRetire, Predicate<WorkerSnapshot> enough) {
    return room.listComing().stream()
        .filter(worker -> worker.couldEverHold(claim.resources()))
        .flatMap(worker -> on(worker, claim, mayRetire, enough).stream())
        .min(
            Comparator.comparing((Way way) -> way.retire().size())
                .thenComparing(way -> way.evict().size())
                .thenComparing(Way::workerId));
  }

  private Optional<Way> on(
      WorkerSnapshot worker, Claim claim, boolean mayRetire, Predicate<WorkerSnapshot> enough) {
    List<Holding> evict = new ArrayList<>();
    List<Holding> retire = new ArrayList<>();
    WorkerSnapshot then = worker;
    double claimantGains = shares.of(claim.app()) + shares.of(claim.resources());
    double victimLoses = 0;
    for (Holding holding : candidates(worker, claim)) {
      if (enough.test(then)) {
        break;
      }
      if (holding.use() == Holding.Use.SPARE) {
        evict.add(holding);
        then = then.with(holding.resources());
      } else if (mayRetire) {
        victimLoses += shares.of(holding.resources());
        boolean fair =
            claim.has() == 0
                ? !holding.function().equals(claim.function())
                : shares.of(holding.app()) - victimLoses >= claimantGains;
        if (fair) {
          retire.add(holding);
          then = then.with(holding.resources());
        }
      }
    }
    return enough.test(then)
        ? Optional.of(new Way(worker.workerId(), evict, retire))
        : Optional.empty();
  }

  /// Idle ones first, those that have been idle for longest; then those of the apps that hold most,
  /// the latest first.
  private List<Holding> candidates(WorkerSnapshot worker, Claim claim) {
    List<Holding> here = byWorker.getOrDefault(worker.workerId(), List.of());
    List<Holding> candidates =
        new ArrayList<>(
            here.stream()
                .filter(h -> h.use() == Holding.Use.SPARE)
                .sorted(Comparator.comparing(Holding::since))
                .toList());
    here.stream()
        .filter(h -> h.use() == Holding.Use.WORKING)
        .filter(h -> claim.has() == 0 || !h.app().equals(claim.app()))
        .sorted(
            Comparator.comparing((Holding h) -> shares.of(h.app()))
                .thenComparing(Holding::since)
                .reversed())
        .forEach(candidates::add);
    return candidates;
  }

  /// A worker on which the claim fits as soon as everything is gone that will go some day.
  Optional<String> worthWaitingFor(Claim claim) {
    return room.listComing().stream()
        .filter(worker -> worker.couldEverHold(claim.resources()))
        .filter(worker -> whenAllAreGone(worker).hasSharedRoomFor(claim.resources()))
        .max(
            Comparator.comparing(WorkerSnapshot::freeMemoryMib)
                .thenComparing(WorkerSnapshot::freeMilliCpu)
                .thenComparing(WorkerSnapshot::workerId))
        .map(WorkerSnapshot::workerId);
  }

  private WorkerSnapshot whenAllAreGone(WorkerSnapshot worker) {
    WorkerSnapshot then = worker;
    for (Holding holding : byWorker.getOrDefault(worker.workerId(), List.of())) {
      if (holding.use() != Holding.Use.KEPT) {
        then = then.with(holding.resources());
      }
    }
    return then;
  }

  void take(Way way) {
    for (List<Holding> gone : List.of(way.evict(), way.retire())) {
      for (Holding holding : gone) {
        room.leaves(holding);
        shares.remove(holding.app(), holding.resources());
        byWorker.getOrDefault(holding.workerId(), List.of()).remove(holding);
      }
    }
  }
}
