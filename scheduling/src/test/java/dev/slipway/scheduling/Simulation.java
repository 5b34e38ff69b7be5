package dev.slipway.scheduling;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import dev.slipway.scheduling.ContainerSnapshot.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// Machines, functions and inputs under the real decisions, with containers that fail to start,
/// crash and vanish with their machines, in a time of its own. Everything follows from the seed.
final class Simulation {
  private static final Duration LOAD = Duration.ofSeconds(90);
  private static final Duration PATIENCE = Duration.ofHours(2);
  private static final Duration EXIT = Duration.ofMillis(300);
  private static final int MILLIS_OF_LOAD = (int) LOAD.toMillis();

  private record Event(Instant at, long number, Runnable action) {}

  final Random random;
  final List<SimulatedFunction> functions = new ArrayList<>();
  final Map<FunctionId, Claim> claims = new HashMap<>();
  final Map<String, WorkerSnapshot> workers = new TreeMap<>();
  final Map<TaskId, SimulatedContainer> containers = new LinkedHashMap<>();
  final SimulationRules rules = new SimulationRules(this);
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::number));
  private final Set<SimulatedFunction> woken = new LinkedHashSet<>();
  private final Autoscaler autoscaler = new Autoscaler();
  private final Admission admission = new Admission();
  private final Instant begin = Situations.NOW;
  Instant now = begin;
  private boolean roomChanged;
  private long numbers;
  int mostContainers;
  int inputs;

  /// A small world, in which everything is random.
  Simulation(long seed) {
    random = new Random(seed);
    machines(1 + random.nextInt(3), 1 << (1 + random.nextInt(4)));
    WorkerSnapshot largest = workers.values().iterator().next();
    int count = 2 + random.nextInt(10);
    for (int n = 0; n < count; n++) {
      SimulatedFunction function = new SimulatedFunction(n, 1 + count / 3, largest, random);
      add(function);
      bursts(function);
    }
    faults();
  }

  /// A large world that is full of small containers, and loses a machine.
  Simulation(long seed, int machines, int cores, int functions, int inputsOfEach) {
    random = new Random(seed);
    machines(machines, cores);
    for (int n = 0; n < functions; n++) {
      SimulatedFunction function = new SimulatedFunction(n, 3);
      add(function);
      after(Duration.ofSeconds(random.nextInt(20)), () -> arrive(function, inputsOfEach));
    }
    after(LOAD.dividedBy(3), () -> lose("w0"));
  }

  private void machines(int count, int cores) {
    for (int n = 0; n < count; n++) {
      workers.put("w" + n, machine("w" + n, cores));
    }
  }

  private static WorkerSnapshot machine(String id, int cores) {
    return new WorkerSnapshot(
        id, cores * 1_000, cores * 4_096L, 0, cores * 1_000, cores * 4_096L, 0);
  }

  private void add(SimulatedFunction function) {
    functions.add(function);
    woken.add(function);
  }

  private void bursts(SimulatedFunction function) {
    for (int burst = 1 + random.nextInt(4); burst > 0; burst--) {
      int size = 1 + random.nextInt(40);
      after(Duration.ofMillis(random.nextInt(MILLIS_OF_LOAD)), () -> arrive(function, size));
    }
    if (random.nextInt(5) == 0) {
      after(
          Duration.ofMillis(random.nextInt(MILLIS_OF_LOAD)),
          () -> {
            function.settings = function.randomSettings(random);
            woken.add(function);
          });
    }
  }

  private void faults() {
    if (random.nextInt(3) > 0) {
      return;
    }
    List<String> ids = List.copyOf(workers.keySet());
    String victim = ids.get(random.nextInt(ids.size()));
    WorkerSnapshot machine = Objects.requireNonNull(workers.get(victim));
    after(Duration.ofMillis(random.nextInt(MILLIS_OF_LOAD)), () -> lose(victim));
    after(
        LOAD.plusSeconds(5),
        () -> {
          workers.put(victim, machine(victim, machine.milliCpu() / 1_000));
          roomChanged = true;
        });
  }

  /// Runs until everything that was asked for is done.
  void run() {
    decide();
    while (!events.isEmpty() && (open() || now.isBefore(begin.plus(LOAD)))) {
      Event event = events.remove();
      now = event.at();
      if (now.isAfter(begin.plus(PATIENCE))) {
        throw new AssertionError("inputs still wait after " + PATIENCE + ": " + functions);
      }
      event.action().run();
      // What happens at the same moment is decided on together, as the real scheduler does.
      while (!events.isEmpty() && !events.element().at().isAfter(now)) {
        events.remove().action().run();
      }
      decide();
    }
    rules.atTheEnd();
  }

  private boolean open() {
    return functions.stream()
        .anyMatch(f ->
            !f.waiting.isEmpty()
                || f.containers.values().stream().anyMatch(c -> !c.running.isEmpty()));
  }

  private void after(Duration delay, Runnable action) {
    events.add(new Event(now.plus(delay), numbers++, action));
  }

  // ---- what happens

  private void arrive(SimulatedFunction function, int count) {
    for (int n = 0; n < count; n++) {
      long nanos = (long) (function.service.toNanos() * (0.5 + random.nextDouble()));
      function.waiting.add(new SimulatedFunction.Input(Duration.ofNanos(nanos), now));
    }
    inputs += count;
    handOut(function);
    woken.add(function);
  }

  private void handOut(SimulatedFunction function) {
    for (SimulatedContainer container : function.takers()) {
      while (!function.waiting.isEmpty()
          && container.phase == Phase.READY
          && (function.settings.places(container.running.size()) > 0)) {
        take(container);
      }
    }
  }

  private void take(SimulatedContainer container) {
    SimulatedFunction function = container.function;
    if (container.running.isEmpty()) {
      container.since = now;
    }
    int most =
        switch (function.settings.intake()) {
          case SEPARATE, ONCE -> 1;
          case BATCHED -> function.settings.inputsPerContainer();
        };
    List<SimulatedFunction.Input> batch = new ArrayList<>();
    while (batch.size() < most && !function.waiting.isEmpty()) {
      batch.add(function.waiting.removeFirst());
    }
    container.running.addAll(batch);
    if (function.settings.intake() == ScalingSettings.Intake.ONCE) {
      container.phase = Phase.LEAVING;
    }
    Duration longest =
        batch.stream().map(SimulatedFunction.Input::service).max(Duration::compareTo).orElseThrow();
    if (random.nextDouble() < function.crashes) {
      after(longest.dividedBy(2), () -> gone(container, true));
    } else {
      after(longest, () -> finish(container, batch, longest));
    }
  }

  private void finish(
      SimulatedContainer container, List<SimulatedFunction.Input> batch, Duration time) {
    if (!containers.containsKey(container.task)) {
      return;
    }
    SimulatedFunction function = container.function;
    container.running.removeAll(batch);
    function.finished += batch.size();
    function.serviceTime = function.serviceTime.with(time);
    function.loop = CrashLoop.none();
    if (container.running.isEmpty()) {
      container.since = now;
      if (container.phase == Phase.LEAVING) {
        after(EXIT, () -> gone(container, false));
      }
    }
    handOut(function);
    woken.add(function);
  }

  private void ready(SimulatedContainer container) {
    if (!containers.containsKey(container.task) || container.phase != Phase.STARTING) {
      return;
    }
    SimulatedFunction function = container.function;
    if (random.nextDouble() < function.startFailures) {
      function.loop = function.loop.startFailed(now);
      gone(container, false);
      return;
    }
    function.startTime = function.startTime.with(Duration.between(container.since, now));
    function.loop = function.loop.started();
    container.phase = Phase.READY;
    container.since = now;
    handOut(function);
    woken.add(function);
  }

  private void gone(SimulatedContainer container, boolean crashed) {
    if (containers.remove(container.task) == null) {
      return;
    }
    SimulatedFunction function = container.function;
    function.containers.remove(container.task.value());
    workers.computeIfPresent(container.workerId, (id, w) -> w.with(function.resources));
    if (crashed) {
      function.loop = function.loop.crashed(now);
    }
    container.running.forEach(
        input -> function.waiting.addFirst(new SimulatedFunction.Input(input.service(), now)));
    handOut(function);
    woken.add(function);
    roomChanged = true;
  }

  private void lose(String workerId) {
    workers.remove(workerId);
    List.copyOf(containers.values()).stream()
        .filter(c -> c.workerId.equals(workerId))
        .forEach(c -> gone(c, false));
  }

  // ---- what is decided

  private void decide() {
    boolean wanting = roomChanged;
    roomChanged = false;
    for (SimulatedFunction function : List.copyOf(woken)) {
      wanting |= plan(function);
    }
    woken.clear();
    if (wanting && !claims.isEmpty()) {
      admit();
    }
    rules.afterDecision();
  }

  private boolean plan(SimulatedFunction function) {
    int cores =
        Math.max(1, workers.values().stream().mapToInt(WorkerSnapshot::milliCpu).sum() / 1_000);
    ScalePlan plan = autoscaler.decide(function.snapshot(cores), now);
    rules.onPlan(function, plan);
    plan.stop().forEach(this::stop);
    plan.retire().forEach(this::retire);
    int alarm = ++function.alarm;
    plan.lookAgainAt()
        .ifPresent(at ->
            after(
                Duration.between(now, at),
                () -> {
                  if (function.alarm == alarm) {
                    woken.add(function);
                  }
                }));
    if (plan.start() == 0) {
      claims.remove(function.id);
      return false;
    }
    Claim before = claims.get(function.id);
    int has = (int) function.counted();
    boolean goesOn = before != null && (has > 0 || before.has() == 0);
    claims.put(
        function.id,
        new Claim(
            function.id,
            function.app,
            function.resources,
            plan.start(),
            has,
            !function.waiting.isEmpty(),
            false,
            before != null && goesOn ? before.since() : now));
    return true;
  }

  private void admit() {
    Admissions admissions =
        admission.decide(
            List.copyOf(workers.values()),
            List.copyOf(claims.values()),
            functions.stream().map(SimulatedFunction::tenant).toList(),
            now);
    rules.onAdmissions(admissions);
    for (Admissions.Grant grant : admissions.grants()) {
      start(grant);
    }
    admissions.evict().forEach(this::stop);
    admissions.retire().forEach(this::retire);
    admissions
        .lookAgainAt()
        .ifPresent(at -> after(Duration.between(now, at), () -> roomChanged = true));
  }

  private void start(Admissions.Grant grant) {
    Claim claim = Objects.requireNonNull(claims.remove(grant.function()));
    if (claim.wanted() > 1) {
      claims.put(grant.function(), claim.lessOne());
    }
    SimulatedFunction function =
        functions.stream().filter(f -> f.id.equals(grant.function())).findFirst().orElseThrow();
    SimulatedContainer container =
        new SimulatedContainer(new TaskId("ta-" + numbers++), function, grant.workerId(), now);
    containers.put(container.task, container);
    function.containers.put(container.task.value(), container);
    workers.computeIfPresent(grant.workerId(), (id, w) -> w.without(function.resources));
    mostContainers = Math.max(mostContainers, containers.size());
    long nanos = (long) (function.start.toNanos() * (0.5 + random.nextDouble()));
    after(Duration.ofNanos(nanos), () -> ready(container));
  }

  SimulatedContainer require(TaskId task) {
    return Objects.requireNonNull(containers.get(task), task.value());
  }

  private void stop(TaskId task) {
    SimulatedContainer container = require(task);
    container.phase = Phase.LEAVING;
    after(EXIT, () -> gone(container, false));
  }

  private void retire(TaskId task) {
    SimulatedContainer container = require(task);
    container.phase = Phase.LEAVING;
    if (container.running.isEmpty()) {
      after(EXIT, () -> gone(container, false));
    }
  }
}
