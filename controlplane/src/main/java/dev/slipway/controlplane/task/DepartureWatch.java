package dev.slipway.controlplane.task;

import dev.slipway.controlplane.call.Attempts;
import dev.slipway.controlplane.call.Deadlines;
import java.time.Clock;
import java.time.Duration;

/// Sees to it that containers which were told to leave do. One that has nothing to do leaves by
/// itself when it hears so; one that has not after its grace is killed.
final class DepartureWatch {
  private final Attempts attempts;
  private final Tasks tasks;
  private final Machines machines;
  private final Deadlines deadlines;
  private final Clock clock;

  DepartureWatch(TaskLife.Wiring wiring) {
    this.attempts = wiring.calls().attempts();
    this.tasks = wiring.tasks();
    this.machines = wiring.machines();
    this.deadlines = wiring.deadlines();
    this.clock = wiring.clock();
  }

  /// @param grace how long it may take from when it has finished its last input
  void expect(Task task, Duration grace) {
    look(task, grace, grace);
  }

  private void look(Task task, Duration grace, Duration in) {
    deadlines.after(
        in,
        () -> {
          if (tasks.findLive(task.id()).isEmpty()) {
            return;
          }
          Duration idle =
              attempts
                  .findIdleSince(task.id(), task.function())
                  .map(since -> Duration.between(since, clock.instant()))
                  .orElse(Duration.ZERO);
          if (idle.compareTo(grace) < 0) {
            look(task, grace, grace.minus(idle));
          } else {
            machines.stop(
                task.workerId(),
                task.id(),
                Duration.ZERO,
                "it was not gone %d s after it was told to leave".formatted(grace.toSeconds()));
          }
        });
  }
}
