package dev.slipway.launcher.door;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Handover;
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
import dev.slipway.protocol.modal.QueueGetRequest;
import dev.slipway.protocol.modal.QueueGetResponse;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Methods of the real service with behaviour that tries the door: they echo, wait, stream and
/// fail.
final class TrialMethods implements RpcModule {
  private final Gathering polls = new Gathering();
  private final Gathering waiting = new Gathering();
  private final Gathering interrupted = new Gathering();
  private final Gathering released = new Gathering();
  private final Gathering givenBack = new Gathering();
  private final AtomicInteger handedOver = new AtomicInteger();

  Gathering waiting() {
    return waiting;
  }

  /// How often something handed over came back.
  int givenBack() {
    return givenBack.count();
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
        .handover(ModalClientGrpc.getQueueGetMethod(), this::handOver)
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

  /// Hands over the next number; `stubborn` does so when it is released, whoever is still there.
  private Handover<QueueGetResponse> handOver(RpcContext context, QueueGetRequest request) {
    if (request.getQueueId().equals("stubborn")) {
      waiting.arrive();
      released.awaitCountUninterruptibly(1);
    }
    return new Handover<>(
        QueueGetResponse.newBuilder()
            .addValues(ByteString.copyFromUtf8(Integer.toString(handedOver.incrementAndGet())))
            .build(),
        () -> {},
        givenBack::arrive);
  }

  /// Waits for what happened in other calls, such as `waiting:N`, or makes it happen: `release:1`.
  private Empty await(RpcContext context, AppHeartbeatRequest request) throws InterruptedException {
    String[] words = request.getAppId().split(":", 2);
    int count = Integer.parseInt(words[1]);
    switch (words[0]) {
      case "waiting" -> waiting.awaitCount(count);
      case "interrupted" -> interrupted.awaitCount(count);
      case "given back" -> givenBack.awaitCount(count);
      case "release" -> released.arrive();
      default -> throw new IllegalArgumentException(request.getAppId());
    }
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
