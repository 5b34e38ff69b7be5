package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.controlplane.task.Machines;
import dev.slipway.controlplane.task.StartOrder;
import dev.slipway.model.BuildId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.worker.ServerMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The attached workers. Orders are handed to a worker's line, which sends them in order; reports
/// come back to whoever deals with them.
public final class Fleet implements Machines {
  /// What goes to one worker.
  interface Line {
    void start(StartOrder order);

    void stop(TaskId task, Duration grace, String reason);

    void build(BuildRequest request);

    void cancelBuild(BuildId build, String reason);

    void ask(ServerMessage question);
  }

  /// One attached worker.
  ///
  /// @param generation grows with every attachment of the same worker, so that the end of an old
  ///   line does not detach a new one
  record Attached(
      String workerId,
      int milliCpu,
      long memoryMib,
      long diskMib,
      Optional<String> containerBlobUrl,
      Line line,
      long generation) {}

  private final ConcurrentHashMap<String, Attached> attached = new ConcurrentHashMap<>();
  private final Set<String> saturated = ConcurrentHashMap.newKeySet();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition workerAttached = lock.newCondition();

  /// A worker says whether its processors are fully used.
  void saturated(String workerId, boolean now) {
    if (now) {
      saturated.add(workerId);
    } else {
      saturated.remove(workerId);
    }
  }

  void attach(Attached worker) {
    saturated.remove(worker.workerId());
    attached.put(worker.workerId(), worker);
    lock.lock();
    try {
      workerAttached.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Optional<Attached> find(String workerId) {
    return Optional.ofNullable(attached.get(workerId));
  }

  /// True when this very line was the worker's current one.
  boolean detach(Attached worker) {
    return attached.remove(worker.workerId(), worker);
  }

  @Override
  public List<Machine> list() {
    List<Machine> machines = new ArrayList<>();
    attached
        .values()
        .forEach(w ->
            machines.add(
                new Machine(
                    w.workerId(),
                    w.milliCpu(),
                    w.memoryMib(),
                    w.diskMib(),
                    saturated.contains(w.workerId()))));
    machines.sort(Comparator.comparing(Machine::workerId));
    return machines;
  }

  @Override
  public void start(String workerId, StartOrder order) {
    require(workerId).line().start(order);
  }

  @Override
  public void stop(String workerId, TaskId task, Duration grace, String reason) {
    // A worker that is away stops what the control plane has forgotten when it attaches again.
    Optional.ofNullable(attached.get(workerId))
        .ifPresent(worker -> worker.line().stop(task, grace, reason));
  }

  Attached require(String workerId) {
    Attached worker = attached.get(workerId);
    if (worker == null) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the worker '" + workerId + "' is not attached");
    }
    return worker;
  }

  /// Where the containers of a worker reach blobs.
  public Optional<String> containerBlobUrl(String workerId) {
    return Optional.ofNullable(attached.get(workerId)).flatMap(Attached::containerBlobUrl);
  }

  /// A worker for a build, the one with most cores; waits for one when none is attached.
  Attached awaitForBuild(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (attached.isEmpty() && left > 0) {
        left = workerAttached.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    return attached.values().stream()
        .max(Comparator.comparingInt(Attached::milliCpu))
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.UNAVAILABLE, "no worker attached within " + patience.toSeconds() + " s"));
  }
}
