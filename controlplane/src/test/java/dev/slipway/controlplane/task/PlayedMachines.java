package dev.slipway.controlplane.task;

import dev.slipway.model.TaskId;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;

/// One machine with room for everything, which does nothing but note what it is told.
final class PlayedMachines implements Machines {
  /// An order to end a container.
  record Stop(TaskId task, Duration grace, String reason) {}

  final List<Stop> stops = new CopyOnWriteArrayList<>();
  private final BlockingQueue<TaskId> starts = new LinkedBlockingQueue<>();

  /// How long each container is left at most, by all that was said to it.
  Map<TaskId, Duration> leastGraces() {
    return stops.stream()
        .collect(
            Collectors.toMap(
                Stop::task, Stop::grace, BinaryOperator.minBy(Comparator.naturalOrder())));
  }

  @Override
  public List<Machine> list() {
    return List.of(new Machine("wo-1", 64_000, 1 << 20, 0, false));
  }

  @Override
  public void start(String workerId, StartOrder order) {
    starts.add(order.task());
  }

  @Override
  public void stop(String workerId, TaskId task, Duration grace, String reason) {
    stops.add(new Stop(task, grace, reason));
  }

  /// The next container that was ordered.
  TaskId awaitStart() throws InterruptedException {
    TaskId task = starts.poll(10, TimeUnit.SECONDS);
    if (task == null) {
      throw new AssertionError("no container was ordered");
    }
    return task;
  }

  void assertNothingStarts() throws InterruptedException {
    TaskId task = starts.poll(300, TimeUnit.MILLISECONDS);
    if (task != null) {
      throw new AssertionError("the container " + task + " was ordered");
    }
  }
}
