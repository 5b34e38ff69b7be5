package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.call.Deadlines;
import dev.slipway.controlplane.image.BuildLogs;
import dev.slipway.controlplane.rpc.Audience;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.Requests;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.task.Task;
import dev.slipway.controlplane.task.TaskExit;
import dev.slipway.controlplane.task.TaskLife;
import dev.slipway.controlplane.task.Tasks;
import dev.slipway.model.BuildId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.LogBatch;
import dev.slipway.protocol.worker.LogReceipt;
import dev.slipway.protocol.worker.ServerHello;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.TaskExited;
import dev.slipway.protocol.worker.WorkerHello;
import dev.slipway.protocol.worker.WorkerMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers' edge.
public final class FleetRpc implements RpcModule {
  /// How long a worker whose line broke may take to attach again before its tasks run elsewhere.
  static final Duration RETURN_WINDOW = Duration.ofSeconds(20);

  private static final String SERVER_VERSION = "0.1.0";
  private static final Logger log = LoggerFactory.getLogger(FleetRpc.class);

  /// Why a worker is not attached any more.
  private enum Parting {
    WORKER_LEFT,
    SERVER_STOPS,
    LINE_BROKE
  }

  private final Fleet fleet;
  private final FleetBuilds builds;
  private final FleetStorage storage;
  private final FunctionBuilds functionBuilds;
  private final BuildLogs buildLogs;
  private final TaskLife tasks;
  private final Tasks knownTasks;
  private final TaskOutput taskOutput;
  private final Deadlines deadlines;
  private final AtomicLong generations = new AtomicLong();

  public FleetRpc(
      Fleet fleet,
      FleetBuilds builds,
      FleetStorage storage,
      FunctionBuilds functionBuilds,
      BuildLogs buildLogs,
      TaskLife tasks,
      Tasks knownTasks,
      TaskOutput taskOutput,
      Deadlines deadlines) {
    this.fleet = fleet;
    this.builds = builds;
    this.storage = storage;
    this.functionBuilds = functionBuilds;
    this.buildLogs = buildLogs;
    this.tasks = tasks;
    this.knownTasks = knownTasks;
    this.taskOutput = taskOutput;
    this.deadlines = deadlines;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .openTo(Audience.WORKERS)
        .duplex(FleetGrpc.getAttachMethod(), this::attach)
        .duplex(FleetGrpc.getSendLogsMethod(), this::sendLogs);
  }

  private void attach(
      RpcContext context, Requests<WorkerMessage> requests, Replies<ServerMessage> replies)
      throws Exception {
    WorkerHello hello =
        requests
            .next()
            .filter(WorkerMessage::hasHello)
            .map(WorkerMessage::getHello)
            .orElseThrow(() ->
                new SlipwayException(ErrorKind.INVALID, "a worker's first message is its hello"));
    requireSelf(context, hello);
    WorkerLine line = new WorkerLine(replies);
    Fleet.Attached worker =
        new Fleet.Attached(
            hello.getWorkerId(),
            hello.getCapacity().getMilliCpu(),
            hello.getCapacity().getMemoryMb(),
            hello.getCapacity().getDiskMb(),
            hello.getContainerBlobUrl().isEmpty()
                ? Optional.empty()
                : Optional.of(hello.getContainerBlobUrl()),
            line,
            generations.incrementAndGet());
    line.send(
        ServerMessage.newBuilder()
            .setHello(ServerHello.newBuilder().setServerVersion(SERVER_VERSION))
            .build());
    Thread sender = Thread.ofVirtual().name("line-" + worker.workerId()).start(line::run);
    Parting parting = Parting.LINE_BROKE;
    try {
      reconcile(hello, line);
      fleet.attach(worker);
      log.info(
          "worker {} attached: {} cores, {} MiB, {} MiB of disk",
          worker.workerId(),
          worker.milliCpu() / 1000.0,
          worker.memoryMib(),
          worker.diskMib());
      tasks.workerAttached();
      Optional<WorkerMessage> message = requests.next();
      while (message.isPresent()) {
        receive(worker, message.get());
        message = requests.next();
      }
      parting = Parting.WORKER_LEFT;
    } catch (InterruptedException e) {
      if (!replies.isCancelled()) {
        parting = Parting.SERVER_STOPS;
      }
      throw e;
    } finally {
      sender.interrupt();
      detached(worker, parting);
    }
  }

  private static void requireSelf(RpcContext context, WorkerHello hello) {
    boolean self =
        context.caller() instanceof Caller.Worker worker
            && worker.workerId().equals(hello.getWorkerId());
    if (!self) {
      throw new SlipwayException(
          ErrorKind.DENIED, "this token is not that of the worker '" + hello.getWorkerId() + "'");
    }
  }

  /// Both sides agree on what runs: what only the worker knows is stopped, what only the control
  /// plane knows is gone.
  private void reconcile(WorkerHello hello, WorkerLine line) {
    for (String running : hello.getRunningTaskIdsList()) {
      TaskId task = new TaskId(running);
      if (knownTasks.findLive(task).isEmpty()) {
        line.stop(task, Duration.ZERO, "the control plane does not know this task");
      }
    }
    for (Task task : knownTasks.listLive()) {
      boolean shouldBeThere =
          task.workerId().equals(hello.getWorkerId())
              && !hello.getRunningTaskIdsList().contains(task.id().value());
      if (shouldBeThere) {
        tasks.exited(
            new TaskExit(
                task.id(),
                TaskExit.Cause.WORKER_LOST,
                0,
                "its worker restarted and does not have it any more"));
      }
    }
    List<BuildId> building = hello.getRunningBuildIdsList().stream().map(BuildId::new).toList();
    builds
        .ongoing()
        .failMissing(hello.getWorkerId(), building, "the worker restarted during the build");
  }

  private void receive(Fleet.Attached worker, WorkerMessage message) {
    try {
      switch (message.getMessageCase()) {
        case TASK_STARTED ->
            tasks.started(
                new TaskId(message.getTaskStarted().getTaskId()),
                Instant.ofEpochMilli(message.getTaskStarted().getProcessStartedAtMs()));
        case TASK_EXITED -> {
          TaskExited exited = message.getTaskExited();
          TaskExit exit = TaskTranslation.exit(exited);
          functionBuilds.ended(
              exit.task(),
              exited.hasKept()
                  ? Optional.of(BuildTranslation.contents(exited.getKept()))
                  : Optional.empty());
          // What follows from an exit may wait for the database; the line goes on meanwhile.
          Thread.ofVirtual().name("exit-" + exit.task()).start(() -> tasks.exited(exit));
        }
        case BUILD_FINISHED -> finished(message.getBuildFinished());
        case PROCESSORS -> {
          fleet.saturated(worker.workerId(), message.getProcessors().getSaturated());
          tasks.processorsChanged();
        }
        case HOLDINGS -> storage.answered(message.getHoldings().getRequestId(), message);
        case HOLDINGS_REMOVED ->
            storage.answered(message.getHoldingsRemoved().getRequestId(), message);
        case HELLO, MESSAGE_NOT_SET ->
            log.warn("a worker sent a message that means nothing here: {}", message);
      }
    } catch (RuntimeException e) {
      log.error("a worker's message could not be dealt with: {}", message.getMessageCase(), e);
    }
  }

  private void finished(BuildFinished message) {
    builds.ongoing().finish(new BuildId(message.getBuildId()), BuildTranslation.outcome(message));
  }

  private void detached(Fleet.Attached worker, Parting parting) {
    if (!fleet.detach(worker)) {
      return;
    }
    switch (parting) {
      case WORKER_LEFT -> log.info("worker {} has left", worker.workerId());
      case SERVER_STOPS -> log.info("worker {} is let go: the server stops", worker.workerId());
      case LINE_BROKE ->
          log.warn(
              "worker {} is gone; it has {} s to come back",
              worker.workerId(),
              RETURN_WINDOW.toSeconds());
    }
    deadlines.after(
        RETURN_WINDOW,
        () -> {
          if (fleet.find(worker.workerId()).isEmpty()) {
            tasks.workerLost(worker.workerId());
            builds.ongoing().failMissing(worker.workerId(), List.of(), "the worker is gone");
          }
        });
  }

  private void sendLogs(
      RpcContext context, Requests<LogBatch> requests, Replies<LogReceipt> replies)
      throws Exception {
    Optional<LogBatch> batch = requests.next();
    while (batch.isPresent()) {
      keep(batch.get());
      replies.send(LogReceipt.newBuilder().setSequence(batch.get().getSequence()).build());
      batch = requests.next();
    }
  }

  private void keep(LogBatch batch) {
    switch (batch.getSourceCase()) {
      case TASK_ID -> {
        TaskId task = new TaskId(batch.getTaskId());
        if (!functionBuilds.append(task, BuildTranslation.logEntries(batch.getEntriesList()))) {
          taskOutput.append(task, TaskTranslation.output(batch.getEntriesList()));
        }
      }
      case BUILD_ID ->
          buildLogs.append(
              new BuildId(batch.getBuildId()), BuildTranslation.logEntries(batch.getEntriesList()));
      case SOURCE_NOT_SET -> log.warn("a worker sent log lines of nobody");
    }
  }
}
