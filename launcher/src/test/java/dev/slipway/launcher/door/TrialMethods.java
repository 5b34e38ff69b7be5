package dev.slipway.launcher.door;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.protocol.modal.AppGetByDeploymentNameResponse;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.AppHeartbeatRequest;
import dev.slipway.protocol.modal.FunctionCreateResponse;
import dev.slipway.protocol.modal.FunctionGetOutputsRequest;
import dev.slipway.protocol.modal.FunctionGetOutputsResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.util.concurrent.CountDownLatch;

/// Methods of the real service with behaviour that tries the door: they echo, wait, stream and
/// fail.
final class TrialMethods implements RpcModule {
  private final Gathering polls = new Gathering();
  private final Gathering waiting = new Gathering();
  private final Gathering interrupted = new Gathering();

  Gathering waiting() {
    return waiting;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .unary(
            ModalClientGrpc.getFunctionCreateMethod(),
            (context, request) ->
                FunctionCreateResponse.newBuilder().setFunction(request.getFunction()).build())
        .unary(
            ModalClientGrpc.getAppGetByDeploymentNameMethod(),
            (context, request) ->
                AppGetByDeploymentNameResponse.newBuilder().setAppId("ap-1").build())
        .unary(
            ModalClientGrpc.getAppStopMethod(),
            (context, request) -> {
              throw new IllegalStateException("a defect");
            })
        .unary(ModalClientGrpc.getFunctionGetOutputsMethod(), this::poll)
        .unary(ModalClientGrpc.getAppHeartbeatMethod(), this::await)
        .stream(ModalClientGrpc.getAppGetLogsMethod(), this::logs);
  }

  /// Waits until as many polls are open as the request says, or for ever.
  private FunctionGetOutputsResponse poll(RpcContext context, FunctionGetOutputsRequest request)
      throws InterruptedException {
    if (request.getFunctionCallId().equals("never")) {
      waiting.arrive();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.arrive();
        throw e;
      }
    }
    polls.arrive();
    polls.awaitCount(Integer.parseInt(request.getFunctionCallId()));
    return FunctionGetOutputsResponse.getDefaultInstance();
  }

  /// Waits for what happened in other calls: `waiting:N` or `interrupted:N`.
  private Empty await(RpcContext context, AppHeartbeatRequest request) throws InterruptedException {
    String[] words = request.getAppId().split(":", 2);
    (words[0].equals("waiting") ? waiting : interrupted).awaitCount(Integer.parseInt(words[1]));
    return Empty.getDefaultInstance();
  }

  /// Sends for ever, or as many batches as `count:N` says.
  private void logs(RpcContext context, AppGetLogsRequest request, Replies<TaskLogsBatch> replies)
      throws InterruptedException {
    long count =
        request.getAppId().equals("endless")
            ? Long.MAX_VALUE
            : Long.parseLong(request.getAppId().substring("count:".length()));
    try {
      for (long i = 0; i < count; i++) {
        replies.send(TaskLogsBatch.newBuilder().setEntryId(Long.toString(i)).build());
      }
    } finally {
      interrupted.arrive();
    }
  }
}
