package dev.slipway.controlplane.task;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.TaskDirectory;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.scheduling.WorkerSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The tasks that exist, and the latest that did.
public final class Tasks implements TaskDirectory {
  /// Ended tasks that are remembered, for listings and late log lines.
  static final int MAX_REMEMBERED = 5_000;

  /// Cancelled inputs that wait for a container to ask; more than that are found by its timeout.
  private static final int MAX_CANCELLATIONS = 10_000;

  private final ConcurrentHashMap<TaskId, Task> live = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<TaskId, Task> ended = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<TaskId, BlockingQueue<InputId>> cancellations =
      new ConcurrentHashMap<>();

  void add(Task task) {
    live.put(task.id(), task);
  }

  void end(Task task) {
    live.remove(task.id());
    cancellations.remove(task.id());
    ended.put(task.id(), task);
    if (ended.size() > MAX_REMEMBERED) {
      ended.values().stream()
          .min(Comparator.comparing(Task::placedAt))
          .ifPresent(oldest -> ended.remove(oldest.id()));
    }
  }

  /// Who a container is. Ended tasks are nobody: their sockets are gone.
  @Override
  public Optional<Caller.Task> find(TaskId id) {
    return Optional.ofNullable(live.get(id)).map(Task::identity);
  }

  public Optional<Task> findLive(TaskId id) {
    return Optional.ofNullable(live.get(id));
  }

  /// The task, live or remembered.
  public Optional<Task> findAny(TaskId id) {
    return Optional.ofNullable(live.get(id)).or(() -> Optional.ofNullable(ended.get(id)));
  }

  Task require(WorkspaceId workspace, TaskId id) {
    return findAny(id)
        .filter(task -> task.identity().workspace().equals(workspace))
        .orElseThrow(
            () -> new SlipwayException(ErrorKind.NOT_FOUND, "There is no container '" + id + "'"));
  }

  Task requireLive(TaskId id) {
    return findLive(id)
        .orElseThrow(
            () -> new SlipwayException(ErrorKind.CONFLICT, "The container '" + id + "' has ended"));
  }

  public List<Task> listOf(FunctionId function) {
    return live.values().stream().filter(task -> task.function().equals(function)).toList();
  }

  public List<Task> listOf(AppId app) {
    return live.values().stream().filter(task -> task.app().equals(app)).toList();
  }

  public List<Task> listLive() {
    return List.copyOf(live.values());
  }

  List<Task> listOn(String workerId) {
    return live.values().stream().filter(task -> task.workerId().equals(workerId)).toList();
  }

  /// What each machine has left when every task on it gets what it was promised.
  List<WorkerSnapshot> snapshot(List<Machines.Machine> machines) {
    List<WorkerSnapshot> snapshots = new ArrayList<>();
    for (Machines.Machine machine : machines) {
      List<Task> here = listOn(machine.workerId());
      int cpu = here.stream().mapToInt(task -> task.resources().milliCpu()).sum();
      long memory = here.stream().mapToLong(task -> task.resources().memoryMib()).sum();
      long disk = here.stream().mapToLong(task -> task.resources().diskMib()).sum();
      snapshots.add(
          new WorkerSnapshot(
              machine.workerId(),
              machine.milliCpu(),
              machine.memoryMib(),
              machine.diskMib(),
              machine.milliCpu() - cpu,
              machine.memoryMib() - memory,
              machine.diskMib() - disk));
    }
    return snapshots;
  }

  /// Tells a container, the next time it asks, to give these inputs up.
  void cancel(TaskId task, List<InputId> inputs) {
    if (live.containsKey(task)) {
      BlockingQueue<InputId> queue = cancellationsOf(task);
      inputs.forEach(queue::offer);
    }
  }

  /// Waits until there are inputs that the container is to give up, or the time is over.
  List<InputId> awaitCancellations(TaskId task, Duration hold) throws InterruptedException {
    BlockingQueue<InputId> queue = cancellationsOf(task);
    InputId first = queue.poll(hold.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      return List.of();
    }
    List<InputId> all = new ArrayList<>(List.of(first));
    queue.drainTo(all);
    return all;
  }

  private BlockingQueue<InputId> cancellationsOf(TaskId task) {
    return cancellations.computeIfAbsent(task, t -> new LinkedBlockingQueue<>(MAX_CANCELLATIONS));
  }
}
