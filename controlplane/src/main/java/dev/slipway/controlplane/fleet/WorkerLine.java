package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.task.StartOrder;
import dev.slipway.model.BuildId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.worker.CancelBuild;
import dev.slipway.protocol.worker.ServerMessage;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;

/// What goes to one worker: orders are queued by whoever gives them and sent in order by one
/// thread.
final class WorkerLine implements Fleet.Line {
  /// Orders that may wait for a worker that reads slowly.
  private static final int MAX_WAITING = 10_000;

  private final LinkedBlockingQueue<ServerMessage> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
  private final Replies<ServerMessage> replies;

  WorkerLine(Replies<ServerMessage> replies) {
    this.replies = replies;
  }

  /// Sends until the thread is interrupted or the worker is gone.
  void run() {
    try {
      while (true) {
        replies.send(waiting.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void send(ServerMessage message) {
    if (!waiting.offer(message)) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, MAX_WAITING + " orders wait for this worker already");
    }
  }

  @Override
  public void start(StartOrder order) {
    send(ServerMessage.newBuilder().setStartTask(TaskTranslation.start(order)).build());
  }

  @Override
  public void stop(TaskId task, Duration grace, String reason) {
    send(ServerMessage.newBuilder().setStopTask(TaskTranslation.stop(task, grace, reason)).build());
  }

  @Override
  public void build(BuildRequest request) {
    send(ServerMessage.newBuilder().setStartBuild(BuildTranslation.startBuild(request)).build());
  }

  @Override
  public void cancelBuild(BuildId build, String reason) {
    send(
        ServerMessage.newBuilder()
            .setCancelBuild(CancelBuild.newBuilder().setBuildId(build.value()).setReason(reason))
            .build());
  }

  @Override
  public void ask(ServerMessage question) {
    send(question);
  }
}
