package dev.slipway.scheduling;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Judges how many containers the inputs of a function need now.
///
/// The rule: an input should wait no longer for a container that exists than another one would take
/// to start. So long inputs get a container each, at once, while a crowd of short ones is left to
/// the few containers that will be through with it before another could help.
final class Sizing {
  /// How many containers a function starts with as long as nothing is known of its inputs; more on
  /// machines with more cores.
  static final int FIRST_CONTAINERS = 2;

  /// Shortest time after which a judgement is repeated because time went by.
  private static final Duration SHORTEST_STEP = Duration.ofMillis(20);

  /// An input is short when so many of them fit into the time that one may wait.
  private static final int SHORT = 8;

  /// Doublings of the first containers past which there is no limit any more.
  private static final int MAX_DOUBLINGS = 16;

  /// The judgement.
  ///
  /// @param containers that the inputs need now
  /// @param atOnce that would let every input run at the same time
  /// @param reason why fewer than that suffice, empty when they do not
  /// @param lookAgainAt when time alone may change it
  record Need(int containers, int atOnce, String reason, Optional<Instant> lookAgainAt) {}

  /// Most containers for now, and why no more.
  private record Cap(int containers, String reason) {}

  private final FunctionSnapshot function;
  private final ScalingSettings settings;
  private final Instant now;
  private final List<ContainerSnapshot> busy;
  private final Duration bearable;
  private final Duration trial;

  private Sizing(FunctionSnapshot function, Instant now) {
    this.function = function;
    this.settings = function.settings();
    this.now = now;
    this.busy = function.containers().stream().filter(ContainerSnapshot::busy).toList();
    this.bearable = function.pace().bearableWait();
    this.trial = function.pace().trial();
  }

  static Need of(FunctionSnapshot function, Instant now) {
    return new Sizing(function, now).judge();
  }

  private Need judge() {
    int waiting = function.waitingInputs();
    if (waiting == 0) {
      return new Need(busy.size(), busy.size(), "", Optional.empty());
    }
    int roomOfBusy = busy.stream().mapToInt(c -> settings.places(c.runningInputs())).sum();
    int beyond = Math.max(0, waiting - roomOfBusy);
    int atOnce = busy.size() + Math.ceilDiv(beyond, settings.placesOfOne());
    if (settings.intake() == ScalingSettings.Intake.ONCE) {
      return new Need(atOnce, atOnce, "", Optional.empty());
    }
    Optional<Duration> service = service();
    long enough = Math.max(1, busy.size());
    enough = Math.max(enough, service.map(this::containersFor).orElse(0L));
    boolean unknown = function.pace().service().isEmpty();
    if (unknown) {
      enough = Math.max(enough, firstContainers());
    }
    Optional<Cap> cap = unknown ? Optional.empty() : service.flatMap(this::cap);
    if (cap.isPresent() && cap.get().containers() < Math.min(enough, atOnce)) {
      Optional<Instant> again = lookAgainAt(enough, false);
      return new Need(cap.get().containers(), atOnce, cap.get().reason(), again);
    }
    if (enough >= atOnce) {
      return new Need(atOnce, atOnce, "", Optional.empty());
    }
    String reason =
        unknown
            ? "how long its inputs take is not known yet"
            : "an input takes about %s, so they are through with what waits before another is up"
                .formatted(Durations.text(service.orElse(Duration.ZERO)));
    return new Need((int) enough, atOnce, reason, lookAgainAt(enough, unknown));
  }

  /// Most containers for inputs that are much shorter than a start. A crowd of those is often bound
  /// by the processors, and then each further container costs all others more than it gives: its
  /// start alone is the work of many inputs. So they are added step by step, as long as processors
  /// are left over.
  private Optional<Cap> cap(Duration service) {
    if (service.multipliedBy(SHORT).compareTo(bearable) > 0) {
      return Optional.empty();
    }
    int usable = Math.max(1, function.usable());
    if (function.saturated()) {
      return Optional.of(
          new Cap(
              usable,
              "the processors are fully used, so another would only take from those that work"));
    }
    int ready =
        (int)
            function.containers().stream()
                .filter(c -> c.phase() == ContainerSnapshot.Phase.READY)
                .count();
    int next = Math.max(Math.max(FIRST_CONTAINERS, function.cores()), 2 * ready);
    return Optional.of(
        new Cap(
            Math.max(usable, next), "an input takes next to nothing, so they are added in steps"));
  }

  /// What an input takes: as measured lately, or longer when those that run now take longer. Of
  /// those the median, so that one that hangs does not speak for all; and where something was
  /// measured, only when they have run for so long that another container could be up: a machine
  /// that stumbles for a moment makes no input long.
  private Optional<Duration> service() {
    boolean measured = function.pace().service().isPresent();
    Optional<Duration> running =
        typicalStart()
            .map(since -> Duration.between(since, now))
            .filter(time -> !measured || time.compareTo(bearable) >= 0);
    return Stream.concat(function.pace().service().stream(), running.stream())
        .max(Comparator.naturalOrder());
  }

  private Optional<Instant> typicalStart() {
    if (busy.isEmpty()) {
      return Optional.empty();
    }
    List<Instant> latestFirst =
        busy.stream().map(ContainerSnapshot::since).sorted(Comparator.reverseOrder()).toList();
    return Optional.of(latestFirst.get((latestFirst.size() - 1) / 2));
  }

  /// How many containers are through with what waits in a bearable time.
  private long containersFor(Duration service) {
    double work = (double) function.waitingInputs() * Math.max(0, service.toNanos());
    double oneDoes = (double) settings.placesOfOne() * bearable.toNanos();
    return (long) Math.ceil(work / oneDoes);
  }

  /// A few at first; twice as many whenever those have had the time to show what inputs take.
  private long firstContainers() {
    return (long) Math.max(FIRST_CONTAINERS, function.cores())
        << Math.min(MAX_DOUBLINGS, doublings());
  }

  private long doublings() {
    return function
        .oldestWaiting()
        .map(since -> Math.max(0, Duration.between(since, now).dividedBy(trial)))
        .orElse(0L);
  }

  private Optional<Instant> lookAgainAt(long enough, boolean unknown) {
    // When the inputs that run have run for so long that more containers pay.
    long pays =
        (long)
            ((double) enough
                * settings.placesOfOne()
                * bearable.toNanos()
                / function.waitingInputs());
    long counts = unknown ? pays : Math.max(pays, bearable.toNanos());
    Optional<Instant> byRunning = typicalStart().map(since -> since.plusNanos(counts));
    Optional<Instant> byDoubling =
        unknown
            ? function.oldestWaiting().map(since -> since.plus(trial.multipliedBy(doublings() + 1)))
            : Optional.empty();
    return Stream.concat(byRunning.stream(), byDoubling.stream())
        .min(Comparator.naturalOrder())
        .map(at -> at.isBefore(now.plus(SHORTEST_STEP)) ? now.plus(SHORTEST_STEP) : at);
  }
}
