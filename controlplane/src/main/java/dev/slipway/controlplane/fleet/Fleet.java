package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.task.Machines;
import dev.slipway.controlplane.task.StartOrder;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The attached workers. Orders are handed to a worker's line, which sends them in order; reports
/// come back to whoever deals with them.
public final class Fleet implements Machines {
  /// What goes to one worker.
  interface Line {
    void start(StartOrder order);

    void stop(TaskId task, Duration grace, String reason);
  }

  /// One attached worker.
  ///
  /// @param generation grows with every attachment of the same worker, so that the end of an old
  ///   line does not detach a new one
  record Attached(
      String workerId,
      int milliCpu,
      long memoryMib,
      Optional<String> containerBlobUrl,
      Line line,
      long generation) {}

  private final ConcurrentHashMap<String, Attached> attached = new ConcurrentHashMap<>();

  void attach(Attached worker) {
    attached.put(worker.workerId(), worker);
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
        .forEach(w -> machines.add(new Machine(w.workerId(), w.milliCpu(), w.memoryMib())));
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

  /// A worker for a build: the one with most cores.
  Optional<Attached> findForBuild() {
    return attached.values().stream().max(Comparator.comparingInt(Attached::milliCpu));
  }
}
