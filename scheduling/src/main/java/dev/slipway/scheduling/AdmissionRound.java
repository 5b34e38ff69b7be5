package dev.slipway.scheduling;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// One decision of [Admission], while it is made.
final class AdmissionRound {
  private final Instant now;
  private final List<Claim> open;
  private final Room room;
  private final Shares shares;
  private final MakingRoom makingRoom;

  private final List<Admissions.Grant> grants = new ArrayList<>();
  private final List<TaskId> evict = new ArrayList<>();
  private final List<TaskId> retire = new ArrayList<>();
  private final Map<FunctionId, String> waits = new HashMap<>();
  private final Set<FunctionId> impossible = new HashSet<>();
  private Optional<Instant> lookAgainAt = Optional.empty();

  /// Containers that were wanted by those whose turn came, and are not there yet.
  private int ahead;

  AdmissionRound(
      List<WorkerSnapshot> workers, List<Claim> claims, List<Tenant> tenants, Instant now) {
    this.now = now;
    this.open = new ArrayList<>(claims);
    List<Holding> holdings = tenants.stream().flatMap(t -> t.holdings().stream()).toList();
    this.room = new Room(workers, holdings);
    this.shares = new Shares(workers, holdings);
    this.makingRoom = new MakingRoom(room, shares, holdings);
  }

  Admissions run() {
    refuseImpossible();
    serveStarving();
    Optional<Claim> next = next();
    while (next.isPresent()) {
      Claim claim = next.get();
      open.remove(claim);
      if (serve(claim) && claim.wanted() > 1) {
        open.add(claim.lessOne());
      } else if (claim.wanted() > 1) {
        ahead += claim.wanted() - 1;
      }
      next = next();
    }
    return new Admissions(grants, evict, retire, waits, impossible, lookAgainAt);
  }

  private void refuseImpossible() {
    for (Claim claim : List.copyOf(open)) {
      if (room.isEmpty() || room.isImpossible(claim.resources())) {
        waits.put(claim.function(), room.missing(claim.resources()));
        open.remove(claim);
        if (!room.isEmpty()) {
          impossible.add(claim.function());
        }
      }
    }
  }

  /// Those that have waited for long without any container come first, in the order in which they
  /// began to.
  private void serveStarving() {
    List<Claim> starving =
        open.stream()
            .filter(claim -> claim.starvesFor(Admission.PATIENCE, now))
            .sorted(Comparator.comparing(Claim::since).thenComparing(c -> c.function().value()))
            .toList();
    for (Claim claim : starving) {
      open.remove(claim);
      serve(claim);
      if (claim.wanted() > 1) {
        open.add(claim.lessOne());
      }
    }
  }

  private Optional<Claim> next() {
    return open.stream()
        .min(
            Comparator.comparing((Claim claim) -> !claim.inputsWait())
                .thenComparing(claim -> shares.of(claim.app()))
                .thenComparing(Claim::supplied)
                .thenComparing(Claim::since)
                .thenComparing(claim -> claim.function().value()));
  }

  /// Finds room for one container of the claim, or room that will be free; false when there is
  /// none.
  private boolean serve(Claim claim) {
    Optional<WorkerSnapshot> free = room.place(claim.resources());
    if (free.isPresent()) {
      grant(claim, free.get(), "");
      return true;
    }
    if (claim.starvesFor(Admission.SQUEEZE_AFTER, now)) {
      Optional<WorkerSnapshot> squeezed = room.squeeze(claim.resources());
      if (squeezed.isPresent()) {
        grant(claim, squeezed.get(), ", whose processors it shares with those that have them");
        return true;
      }
    }
    if (claim.fromInside() && claim.starvesFor(Admission.CROWD_AFTER, now)) {
      Optional<WorkerSnapshot> crowded = room.crowd(claim.resources());
      if (crowded.isPresent()) {
        grant(claim, crowded.get(), ", whose memory it shares with those that wait for it");
        return true;
      }
    }
    return awaitRoom(claim);
  }

  /// Keeps room for the claim that comes free soon, making it come free where that is allowed.
  private boolean awaitRoom(Claim claim) {
    Optional<WorkerSnapshot> coming = room.placeInComing(claim.resources());
    if (coming.isPresent()) {
      wait(claim, "; containers that leave make room for it");
      keep(claim, coming.get().workerId());
      return true;
    }
    if (!claim.inputsWait()) {
      wait(claim, "");
      return false;
    }
    boolean patienceIsOver = claim.waited(Admission.PATIENCE, now);
    Optional<MakingRoom.Way> way = makingRoom.find(claim, patienceIsOver);
    if (way.isEmpty() && claim.starvesFor(Admission.PATIENCE, now)) {
      way = makingRoom.findShared(claim);
    }
    if (way.isPresent()) {
      wait(
          claim,
          way.get().retire().isEmpty()
              ? "; idle containers of others leave for it"
              : "; containers of others leave for it when they are through");
      makingRoom.take(way.get());
      way.get().evict().forEach(holding -> evict.add(holding.task()));
      way.get().retire().forEach(holding -> retire.add(holding.task()));
      keep(claim, way.get().workerId());
      return true;
    }
    Optional<String> someDay = makingRoom.worthWaitingFor(claim);
    wait(
        claim,
        someDay.isPresent() ? "" : "; too much is kept for the min_containers of other functions");
    if (claim.starvesFor(Admission.PATIENCE, now)) {
      // No more of the worker's room goes to others until there is enough for it.
      someDay.ifPresent(worker -> room.keep(worker, claim.resources()));
    }
    return false;
  }

  private void grant(Claim claim, WorkerSnapshot worker, String remark) {
    grants.add(
        new Admissions.Grant(
            claim.function(),
            worker.workerId(),
            "on worker %s, which had %s and %s free%s"
                .formatted(
                    worker.workerId(),
                    Amounts.cores(worker.freeMilliCpu()),
                    Amounts.memory(worker.freeMemoryMib()),
                    remark)));
    room.use(worker.workerId(), claim.resources());
    shares.add(claim.app(), claim.resources());
  }

  private void keep(Claim claim, String workerId) {
    room.keep(workerId, claim.resources());
    shares.add(claim.app(), claim.resources());
  }

  private void wait(Claim claim, String remark) {
    waits.putIfAbsent(
        claim.function(),
        room.missing(claim.resources())
            + (ahead == 0
                ? ""
                : "; " + ahead + (ahead == 1 ? " container" : " containers") + " ahead")
            + remark);
    ahead++;
    for (Duration step :
        List.of(Admission.SQUEEZE_AFTER, Admission.PATIENCE, Admission.CROWD_AFTER)) {
      Instant at = claim.since().plus(step);
      if (at.isAfter(now)) {
        lookAgainAt =
            Stream.concat(lookAgainAt.stream(), Stream.of(at)).min(Comparator.naturalOrder());
      }
    }
  }
}
