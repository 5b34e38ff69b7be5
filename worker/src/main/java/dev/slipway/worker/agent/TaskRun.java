package dev.slipway.worker.agent;

import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.protocol.worker.TaskExited;
import dev.slipway.protocol.worker.TaskStarted;
import dev.slipway.protocol.worker.WorkerMessage;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.container.OutputSink;
import dev.slipway.worker.container.RunningContainer;
import dev.slipway.worker.relay.TaskSocket;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One task on this worker, from the order to start it until nothing of it is left. Its life is one
/// thread, [#run]; orders to stop may come at any moment of it.
final class TaskRun {
  /// How long the end of a task waits for its last lines to be kept.
  private static final Duration LOG_PATIENCE = Duration.ofSeconds(10);

  /// How long it waits for outputs of the container that are on their way.
  private static final Duration CALLS_PATIENCE = Duration.ofSeconds(5);

  /// What a shell ends with that has found no such command: the container's own sentence says more.
  private static final int NOT_FOUND = 127;

  private static final Logger log = LoggerFactory.getLogger(TaskRun.class);

  private final StartTask order;
  private final TaskStarter starter;
  private final LogShipper logs;
  private final Consumer<WorkerMessage> reports;
  private final Clock clock;
  private final Instant receivedAt;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable RunningContainer container;
  private boolean interruptWanted;
  private @Nullable Instant killAt;
  private boolean over;

  TaskRun(
      StartTask order,
      TaskStarter starter,
      LogShipper logs,
      Consumer<WorkerMessage> reports,
      Clock clock) {
    this.order = order;
    this.starter = starter;
    this.logs = logs;
    this.reports = reports;
    this.clock = clock;
    this.receivedAt = clock.instant();
  }

  void run() {
    Thread stopper = Thread.ofVirtual().name("stop-" + order.getTaskId()).start(this::enforceStop);
    TaskExited.Builder exited = TaskExited.newBuilder().setTaskId(order.getTaskId());
    try {
      live(exited);
    } catch (InterruptedException e) {
      exited.setCause(TaskExited.Cause.CAUSE_WORKER_RESTARTED).setReason("the worker is stopping");
    } catch (SlipwayException e) {
      exited
          .setCause(TaskExited.Cause.CAUSE_START_FAILED)
          .setReason("the container could not be started: " + e.getMessage());
    } catch (IOException | RuntimeException e) {
      log.error("task {} could not be started", order.getTaskId(), e);
      exited
          .setCause(TaskExited.Cause.CAUSE_START_FAILED)
          .setReason("the container could not be started: " + e);
    } finally {
      end();
      stopper.interrupt();
    }
    reports.accept(WorkerMessage.newBuilder().setTaskExited(exited).build());
  }

  private void live(TaskExited.Builder exited) throws IOException, InterruptedException {
    LogShipper.Source source = new LogShipper.Source.OfTask(order.getTaskId());
    OutputSink output =
        (stream, at, text) ->
            logs.say(
                source,
                LogEntry.newBuilder()
                    .setStream(
                        switch (stream) {
                          case STDOUT -> LogEntry.Stream.STREAM_STDOUT;
                          case STDERR -> LogEntry.Stream.STREAM_STDERR;
                        })
                    .setTimestampNs(at)
                    .setData(text)
                    .build());
    TaskStarter.Started started = starter.start(order, output);
    try {
      begun(started.container());
      started.limit();
      reports.accept(
          WorkerMessage.newBuilder()
              .setTaskStarted(
                  TaskStarted.newBuilder()
                      .setTaskId(order.getTaskId())
                      .setReceivedAtMs(receivedAt.toEpochMilli())
                      .setRootfsReadyAtMs(started.rootReadyAt().toEpochMilli())
                      .setProcessStartedAtMs(clock.millis()))
              .build());
      Exit exit = started.container().waitForExit();
      exited
          .setExitCode(exit.code())
          .setCause(
              switch (exit.cause()) {
                case EXITED -> TaskExited.Cause.CAUSE_EXITED;
                case OUT_OF_MEMORY -> TaskExited.Cause.CAUSE_OUT_OF_MEMORY;
                case STOPPED -> TaskExited.Cause.CAUSE_STOPPED;
              })
          .setReason(reason(exit, started.socket()))
          .setPeakMemoryBytes(exit.peakMemoryBytes());
      // Nobody asked for that end: it is the container's own doing.
      started
          .overrun()
          .ifPresent(why -> exited.setCause(TaskExited.Cause.CAUSE_EXITED).setReason(why));
      if (exit.cause() == Exit.Cause.EXITED && exit.code() == 0) {
        started.keep().ifPresent(exited::setKept);
      }
      if (!started.socket().settle(CALLS_PATIENCE)) {
        log.warn("task {}: what it said last did not reach the platform", order.getTaskId());
      }
      logs.flush(source, LOG_PATIENCE);
    } finally {
      started.container().kill();
      started.cleanUp();
    }
  }

  /// Why the container ended. Where nothing was heard of the command, it is what the image puts in
  /// front of every command that ended.
  private String reason(Exit exit, TaskSocket socket) {
    List<String> entrypoint = order.getImage().getConfig().getEntrypointList();
    if (exit.cause() != Exit.Cause.EXITED
        || exit.code() == NOT_FOUND
        || entrypoint.isEmpty()
        || socket.isUsed()) {
      return exit.sentence();
    }
    return "Its image's ENTRYPOINT [%s] ended with status %d without running the arguments that it was given, '%s', or before these did anything. An ENTRYPOINT for functions runs its arguments, as exec \"$@\" does."
        .formatted(
            String.join(", ", entrypoint), exit.code(), String.join(" ", order.getCommandList()));
  }

  private void begun(RunningContainer running) {
    lock.lock();
    try {
      container = running;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Interrupts the container, and kills it when the grace is over. A later order can only shorten
  /// the grace.
  void stop(Duration grace) {
    lock.lock();
    try {
      Instant deadline = clock.instant().plus(grace);
      interruptWanted |= !grace.isZero();
      if (killAt == null || deadline.isBefore(killAt)) {
        killAt = deadline;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void enforceStop() {
    lock.lock();
    try {
      boolean interrupted = false;
      while (!over) {
        if (container == null || killAt == null) {
          changed.await();
          continue;
        }
        if (interruptWanted && !interrupted) {
          interrupted = true;
          container.interrupt();
        }
        Duration left = Duration.between(clock.instant(), killAt);
        if (left.isPositive()) {
          changed.awaitNanos(left.toNanos());
        } else {
          container.kill();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
