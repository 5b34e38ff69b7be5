package dev.slipway.controlplane.call;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.FunctionCallPutDataRequest;
import dev.slipway.protocol.modal.FunctionGetInputsItem;
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;

/// The containers' edge: taking inputs, putting outputs and what generators yield.
public final class InputRpc implements RpcModule {
  private final CallSystem system;
  private final ServingTasks tasks;
  private final Functions functions;

  public InputRpc(CallSystem system, ServingTasks tasks, Functions functions) {
    this.system = system;
    this.tasks = tasks;
    this.functions = functions;
  }

  @Override
  public void contribute(Methods methods) {
    methods.unary(ModalClientGrpc.getFunctionGetInputsMethod(), this::getInputs);
    methods.unary(ModalClientGrpc.getFunctionPutOutputsMethod(), this::putOutputs);
    methods.unary(ModalClientGrpc.getFunctionCallPutDataOutMethod(), this::putDataOut);
  }

  private FunctionGetInputsResponse getInputs(RpcContext context, FunctionGetInputsRequest request)
      throws InterruptedException {
    TaskId task = context.requireTask().task();
    FunctionId function = tasks.requireFunction(task);
    if (!request.getFunctionId().isEmpty() && !request.getFunctionId().equals(function.value())) {
      throw new SlipwayException(
          ErrorKind.DENIED,
          "the container %s serves the function %s, not %s"
              .formatted(task, function, request.getFunctionId()));
    }
    tasks.asks(task);
    if (functions.requireSpec(function).singleUse() && tasks.servedBefore(task, false)) {
      return leave();
    }
    Attempts.Taken taken = system.attempts().take(task, function);
    if (taken.leave()) {
      return leave();
    }
    tasks.servedBefore(task, !taken.inputs().isEmpty());
    FunctionGetInputsResponse.Builder response = FunctionGetInputsResponse.newBuilder();
    taken.inputs().forEach(input -> response.addInputs(CallTranslation.assignment(input)));
    return response.build();
  }

  private static FunctionGetInputsResponse leave() {
    return FunctionGetInputsResponse.newBuilder()
        .addInputs(FunctionGetInputsItem.newBuilder().setKillSwitch(true))
        .build();
  }

  private Empty putOutputs(RpcContext context, FunctionPutOutputsRequest request) {
    TaskId task = context.requireTask().task();
    system
        .attempts()
        .finish(
            task,
            tasks.requireFunction(task),
            request.getOutputsList().stream()
                .map(item ->
                    new Attempts.Answer(
                        new InputId(item.getInputId()),
                        item.getRetryCount(),
                        CallTranslation.outcome(item.getResult(), item.getDataFormatValue())))
                .toList());
    return Empty.getDefaultInstance();
  }

  private Empty putDataOut(RpcContext context, FunctionCallPutDataRequest request) {
    TaskId task = context.requireTask().task();
    CallId call = new CallId(request.getFunctionCallId());
    if (!system.attempts().worksOn(task, tasks.requireFunction(task), call)) {
      throw new SlipwayException(
          ErrorKind.DENIED, "the container " + task + " does not work on the call " + call);
    }
    system
        .channels()
        .put(
            call,
            request.getDataChunksList().stream()
                .map(chunk -> new DataChannels.Chunk(chunk.getIndex(), chunk.toByteArray()))
                .toList());
    return Empty.getDefaultInstance();
  }
}
