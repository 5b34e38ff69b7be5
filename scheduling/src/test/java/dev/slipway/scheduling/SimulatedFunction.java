package dev.slipway.scheduling;

import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.Resources;
import dev.slipway.scheduling.ScalingSettings.Intake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A function in a simulation: its inputs, its containers, and how they behave.
final class SimulatedFunction {
  /// An input that waits or runs.
  record Input(Duration service, Instant waitingSince) {}

  final FunctionId id;
  final AppId app;
  final Resources resources;
  ScalingSettings settings;
  final Duration service;
  final Duration start;
  final double startFailures;
  final double crashes;
  final ArrayDeque<Input> waiting = new ArrayDeque<>();
  final Map<String, SimulatedContainer> containers = new LinkedHashMap<>();
  Typical serviceTime = Typical.unknown();
  Typical startTime = Typical.unknown();
  CrashLoop loop = CrashLoop.none();

  /// Since when inputs have waited without any container.
  @Nullable Instant starvingSince;

  /// Tells the latest alarm from those before it.
  int alarm;

  int finished;

  SimulatedFunction(int number, int apps, WorkerSnapshot largest, Random random) {
    id = new FunctionId("fu-" + number);
    app = new AppId("ap-" + random.nextInt(apps));
    int cpu = Math.min(125 << random.nextInt(5), largest.milliCpu());
    long memory = Math.min(128L << random.nextInt(6), largest.memoryMib());
    resources = new Resources(cpu, 0, (int) memory, 0);
    service = Duration.ofMillis(1L << (1 + random.nextInt(14)));
    start = Duration.ofMillis(200L << random.nextInt(5));
    startFailures = random.nextInt(4) == 0 ? 0.3 : 0;
    crashes = random.nextInt(4) == 0 ? 0.02 : 0;
    settings = randomSettings(random);
  }

  /// One of very many small containers with long inputs.
  SimulatedFunction(int number, int apps) {
    id = new FunctionId("fu-" + number);
    app = new AppId("ap-" + number % apps);
    resources = new Resources(125, 0, 128, 0);
    service = Duration.ofSeconds(20);
    start = Duration.ofSeconds(1);
    startFailures = 0.01;
    crashes = 0.005;
    settings = new ScalingSettings(0, 0, 0, 1, Intake.SEPARATE, Duration.ofSeconds(5));
  }

  /// Only small functions keep containers, so that there is room for each beside what is kept.
  ScalingSettings randomSettings(Random random) {
    int max = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 0;
    boolean small = resources.milliCpu() <= 250 && resources.memoryMib() <= 256;
    int min = small && random.nextInt(3) == 0 ? 1 : 0;
    Intake intake = Intake.values()[Math.max(0, random.nextInt(6) - 3)];
    return new ScalingSettings(
        min,
        max,
        random.nextInt(6) == 0 ? 1 : 0,
        random.nextBoolean() ? 1 : 1 + random.nextInt(8),
        intake,
        Duration.ofSeconds(2 + random.nextInt(30)));
  }

  FunctionSnapshot snapshot(int cores) {
    return new FunctionSnapshot(
        true,
        settings,
        waiting.size(),
        Optional.ofNullable(waiting.peekFirst()).map(Input::waitingSince),
        containers.values().stream().map(SimulatedContainer::snapshot).toList(),
        loop.notBefore(),
        new Pace(serviceTime.value(), startTime.value().orElse(Pace.USUAL_START)),
        cores,
        false);
  }

  Tenant tenant() {
    return new Tenant(
        id,
        app,
        settings.minContainers(),
        !waiting.isEmpty(),
        containers.values().stream()
            .map(c -> new Tenant.Place(c.snapshot(), c.workerId, resources))
            .toList());
  }

  long counted() {
    return containers.values().stream().filter(c -> c.snapshot().counts()).count();
  }

  long occupied() {
    return containers.values().stream().filter(c -> c.snapshot().occupies()).count();
  }

  /// The containers that may take inputs, the latest busy ones first.
  List<SimulatedContainer> takers() {
    return containers.values().stream()
        .filter(c -> c.phase == ContainerSnapshot.Phase.READY)
        .filter(c -> settings.places(c.running.size()) > 0)
        .sorted(Comparator.comparing((SimulatedContainer c) -> c.since).reversed())
        .toList();
  }

  @Override
  public String toString() {
    return "%s of %s %s %s service=%s start=%s waiting=%d containers=%s"
        .formatted(
            id, app, resources, settings, service, start, waiting.size(), containers.values());
  }
}
