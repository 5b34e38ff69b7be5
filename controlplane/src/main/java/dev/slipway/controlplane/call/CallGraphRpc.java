package dev.slipway.controlplane.call;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.FunctionCallCallGraphInfo;
import dev.slipway.protocol.modal.FunctionGetCallGraphRequest;
import dev.slipway.protocol.modal.FunctionGetCallGraphResponse;
import dev.slipway.protocol.modal.InputCallGraphInfo;
import dev.slipway.protocol.modal.ModalClientGrpc;

/// The edge for those who want to know which calls made which.
public final class CallGraphRpc implements RpcModule {
  private final CallGraphStore store;
  private final Functions functions;
  private final CallAccess access;

  public CallGraphRpc(CallGraphStore store, Calls calls, Functions functions, Apps apps) {
    this.store = store;
    this.functions = functions;
    this.access = new CallAccess(calls, apps);
  }

  @Override
  public void contribute(Methods methods) {
    methods.unary(ModalClientGrpc.getFunctionGetCallGraphMethod(), this::graph);
  }

  FunctionGetCallGraphResponse graph(RpcContext context, FunctionGetCallGraphRequest request) {
    CallGraph graph = store.find(access.require(context, request.getFunctionCallId()));
    FunctionGetCallGraphResponse.Builder response =
        FunctionGetCallGraphResponse.newBuilder().setTruncated(graph.truncated());
    for (CallGraph.GraphCall call : graph.calls()) {
      Functions.Label label = functions.label(call.function());
      response.addFunctionCalls(
          FunctionCallCallGraphInfo.newBuilder()
              .setFunctionCallId(call.id().value())
              .setParentInputId(call.parent().map(InputId::value).orElse(""))
              .setFunctionName(label.name())
              .setModuleName(label.module()));
    }
    for (CallGraph.GraphInput input : graph.inputs()) {
      InputCallGraphInfo.Builder info =
          InputCallGraphInfo.newBuilder()
              .setInputId(input.id().value())
              .setFunctionCallId(input.call().value())
              .setTaskId(input.task().map(TaskId::value).orElse(""));
      input
          .status()
          .ifPresent(
              status -> info.setStatus(CallTranslation.wire(status, context.clientVersion())));
      response.addInputs(info);
    }
    return response.build();
  }
}
