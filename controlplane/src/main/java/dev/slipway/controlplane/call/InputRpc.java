package dev.slipway.controlplane.call;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
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
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.worker.ReturnInputsRequest;
import dev.slipway.protocol.worker.ReturnInputsResponse;
import dev.slipway.protocol.worker.TakeInputsRequest;
import dev.slipway.protocol.worker.TakeInputsResponse;
import dev.slipway.protocol.worker.TaskInputsGrpc;
import java.util.List;

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
    methods.unary(TaskInputsGrpc.getTakeInputsMethod(), this::takeInputs);
    methods.unary(TaskInputsGrpc.getReturnInputsMethod(), this::returnInputs);
  }

  private FunctionGetInputsResponse getInputs(RpcContext context, FunctionGetInputsRequest request)
      throws InterruptedException {
    return InputsTranslation.together(take(context.requireTask().task(), request, 1));
  }

  private TakeInputsResponse takeInputs(RpcContext context, TakeInputsRequest request)
      throws InterruptedException, InvalidProtocolBufferException {
    TaskId task = context.requireTask().task();
    Attempts.Taken taken =
        take(task, FunctionGetInputsRequest.parseFrom(request.getQuestion()), request.getMost());
    return InputsTranslation.apart(
        taken, functions.requireSpec(tasks.requireFunction(task)).batchMaxSize() > 1);
  }

  private ReturnInputsResponse returnInputs(RpcContext context, ReturnInputsRequest request) {
    TaskId task = context.requireTask().task();
    system
        .attempts()
        .giveBack(
            task,
            tasks.requireFunction(task),
            request.getAttemptsList().stream()
                .map(held -> new Attempts.Held(new InputId(held.getInputId()), held.getAttempt()))
                .toList());
    return ReturnInputsResponse.getDefaultInstance();
  }

  private Attempts.Taken take(TaskId task, FunctionGetInputsRequest request, int most)
      throws InterruptedException {
    FunctionId function = tasks.requireFunction(task);
    if (!request.getFunctionId().isEmpty() && !request.getFunctionId().equals(function.value())) {
      throw new SlipwayException(
          ErrorKind.DENIED,
          "the container %s serves the function %s, not %s"
              .formatted(task, function, request.getFunctionId()));
    }
    tasks.asks(task);
    if (functions.requireSpec(function).singleUse() && tasks.servedBefore(task, false)) {
      return new Attempts.Taken(List.of(), true);
    }
    Attempts.Taken taken = system.attempts().take(task, function, most);
    if (!taken.leave()) {
      tasks.servedBefore(task, !taken.inputs().isEmpty());
    }
    return taken;
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
