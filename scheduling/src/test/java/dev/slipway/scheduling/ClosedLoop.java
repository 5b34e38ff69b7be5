package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import dev.slipway.scheduling.ContainerSnapshot.Phase;
import dev.slipway.scheduling.ScalingSettings.Intake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Callers that each send an input, wait for its output and send the next, on one machine whose
/// processors are shared by everything that runs: starts, inputs, and the callers themselves. In
/// steps of a millisecond.
final class ClosedLoop {
  /// How the inputs and the rest of the world use the processors, in milliseconds.
  ///
  /// @param inputCpu that an input computes
  /// @param inputWait that it then waits for something else
  /// @param callerCpu that caller and server take between an output and the next input
  /// @param startCpu that the start of a container takes
  /// @param firstCpu that the first input of a container computes beyond what the others do
  record World(
      int cores,
      int callers,
      double inputCpu,
      double inputWait,
      double callerCpu,
      double startCpu,
      double firstCpu) {}

  /// Containers that fit on the machine.
  private final int room;

  private static final Instant BEGIN = Situations.NOW;
  private static final int GAUGE_STEP = 250;
  private static final double FULL = 0.85;
  private static final double NOT_FULL = 0.7;

  private final World world;
  private final List<Box> boxes = new ArrayList<>();
  private final ArrayDeque<Instant> waiting = new ArrayDeque<>();
  private final List<double[]> thinking = new ArrayList<>();
  private ServiceTime service = ServiceTime.unknown();
  private Typical start = Typical.unknown();
  private Instant now = BEGIN;
  private Optional<Instant> alarm = Optional.empty();
  private boolean saturated;
  private double busyInStep;
  private boolean changed = true;

  private static final class Box {
    final TaskId id;
    Phase phase = Phase.STARTING;
    Instant since;
    double cpuLeft;
    double waitLeft;
    boolean working;
    boolean warm;

    Box(int number, Instant now, double startCpu) {
      id = new TaskId("ta-" + number);
      since = now;
      cpuLeft = startCpu;
    }
  }

  ClosedLoop(World world) {
    this.world = world;
    room = world.cores() * 8;
    for (int i = 0; i < world.callers(); i++) {
      waiting.add(now);
    }
  }

  int containers() {
    return boxes.size();
  }

  void run(Duration time) {
    for (long ms = 0; ms < time.toMillis(); ms++) {
      step(ms);
    }
  }

  private void step(long ms) {
    hand();
    if (changed || alarm.filter(at -> !at.isAfter(now)).isPresent()) {
      changed = false;
      plan();
    }
    List<double[]> thoughts = List.copyOf(thinking);
    long runnable = boxes.stream().filter(b -> b.cpuLeft > 0).count() + thoughts.size();
    double share = runnable == 0 ? 0 : Math.min(1, (double) world.cores() / runnable);
    busyInStep += Math.min(world.cores(), runnable);
    now = now.plusMillis(1);
    for (double[] thought : thoughts) {
      thought[0] -= share;
      if (thought[0] <= 0) {
        thinking.remove(thought);
        waiting.add(now);
        changed = true;
      }
    }
    for (Box box : boxes) {
      advance(box, share);
    }
    if (ms % GAUGE_STEP == GAUGE_STEP - 1) {
      double busy = busyInStep / (GAUGE_STEP * world.cores());
      saturated = busy >= (saturated ? NOT_FULL : FULL);
      busyInStep = 0;
    }
  }

  private void advance(Box box, double share) {
    if (box.cpuLeft > 0) {
      box.cpuLeft -= share;
    } else if (box.waitLeft > 0) {
      box.waitLeft -= 1;
    }
    if (box.cpuLeft > 0 || box.waitLeft > 0) {
      return;
    }
    if (box.phase == Phase.STARTING) {
      box.phase = Phase.READY;
      start = start.with(Duration.between(box.since, now));
      box.since = now;
      changed = true;
    } else if (box.working) {
      box.working = false;
      service = service.with(Duration.between(box.since, now), !box.warm);
      box.warm = true;
      box.since = now;
      thinking.add(new double[] {world.callerCpu()});
      changed = true;
    }
  }

  private void hand() {
    for (Box box : boxes) {
      if (box.phase == Phase.READY && !box.working && !waiting.isEmpty()) {
        waiting.removeFirst();
        box.working = true;
        box.since = now;
        box.cpuLeft = world.inputCpu() + (box.warm ? 0 : world.firstCpu());
        box.waitLeft = world.inputWait();
      }
    }
  }

  private void plan() {
    FunctionSnapshot function =
        new FunctionSnapshot(
            true,
            new ScalingSettings(0, 0, 0, 1, Intake.SEPARATE, Duration.ofSeconds(60)),
            waiting.size(),
            Optional.ofNullable(waiting.peekFirst()),
            boxes.stream()
                .map(b -> new ContainerSnapshot(b.id, b.phase, b.working ? 1 : 0, b.since))
                .toList(),
            Instant.EPOCH,
            new Pace(service.value(), start.value().orElse(Pace.USUAL_START)),
            world.cores(),
            saturated);
    ScalePlan plan = new Autoscaler().decide(function, now);
    alarm = plan.lookAgainAt();
    for (int i = 0; i < plan.start() && boxes.size() < room; i++) {
      boxes.add(new Box(boxes.size(), now, world.startCpu()));
    }
  }
}
