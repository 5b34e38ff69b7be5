package dev.slipway.controlplane.call;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.rpc.ClientDifferences;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.DataChunk;
import dev.slipway.protocol.modal.FunctionCallCancelRequest;
import dev.slipway.protocol.modal.FunctionCallFromIdRequest;
import dev.slipway.protocol.modal.FunctionCallFromIdResponse;
import dev.slipway.protocol.modal.FunctionCallGetDataRequest;
import dev.slipway.protocol.modal.FunctionCallGetInfoRequest;
import dev.slipway.protocol.modal.FunctionCallGetInfoResponse;
import dev.slipway.protocol.modal.FunctionCallHandleMetadata;
import dev.slipway.protocol.modal.FunctionCallInfo;
import dev.slipway.protocol.modal.FunctionFinishInputsRequest;
import dev.slipway.protocol.modal.FunctionGetOutputsRequest;
import dev.slipway.protocol.modal.FunctionGetOutputsResponse;
import dev.slipway.protocol.modal.FunctionMapRequest;
import dev.slipway.protocol.modal.FunctionMapResponse;
import dev.slipway.protocol.modal.FunctionPutInputsRequest;
import dev.slipway.protocol.modal.FunctionPutInputsResponse;
import dev.slipway.protocol.modal.InputCategoryInfo;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The callers' edge: making calls, putting inputs, getting outputs.
public final class CallRpc implements RpcModule {
  /// Inputs that a client may have open in one map, which bounds what it repeats with every
  /// question.
  static final int MAX_OPEN_INPUTS = 1_000;

  private final CallSystem system;
  private final CallAccess access;
  private final Functions functions;
  private final Apps apps;

  public CallRpc(CallSystem system, Functions functions, Apps apps) {
    this.system = system;
    this.access = new CallAccess(system.calls(), apps);
    this.functions = functions;
    this.apps = apps;
  }

  @Override
  public void contribute(Methods methods) {
    methods.once(ModalClientGrpc.getFunctionMapMethod(), this::map);
    methods.once(ModalClientGrpc.getFunctionPutInputsMethod(), this::putInputs);
    methods.unary(ModalClientGrpc.getFunctionFinishInputsMethod(), this::finishInputs);
    methods.unary(ModalClientGrpc.getFunctionGetOutputsMethod(), this::getOutputs);
    methods.unary(ModalClientGrpc.getFunctionCallCancelMethod(), this::cancel);
    methods.unary(ModalClientGrpc.getFunctionCallFromIdMethod(), this::fromId);
    methods.unary(ModalClientGrpc.getFunctionCallGetInfoMethod(), this::info);
    methods.stream(ModalClientGrpc.getFunctionCallGetDataOutMethod(), this::dataOut);
  }

  FunctionMapResponse map(RpcContext context, FunctionMapRequest request) {
    FunctionSpec spec =
        functions.require(context.workspace(), new FunctionId(request.getFunctionId()));
    apps.requireActive(context.workspace(), spec.app());
    Optional<InputId> parent =
        request.getParentInputId().isEmpty()
            ? Optional.empty()
            : Optional.of(new InputId(request.getParentInputId()));
    // What runs still in a container of an earlier version calls the functions of that version.
    if (parent.filter(input -> system.calls().isOpenIn(spec.app(), input)).isEmpty()) {
      functions.requirePart(spec.id());
    }
    List<NewInput> inputs =
        request.getPipelinedInputsList().stream().map(CallTranslation::input).toList();
    inputs.forEach(input -> spec.requireMethod(input.method()));
    Calls.Made made =
        system
            .calls()
            .make(
                spec.id(),
                spec.app(),
                CallTranslation.kind(request.getFunctionCallType()),
                CallTranslation.invocation(request.getFunctionCallInvocationType()),
                parent,
                context.idempotencyKey(),
                inputs);
    FunctionMapResponse.Builder response =
        FunctionMapResponse.newBuilder()
            .setFunctionCallId(made.call().value())
            // Named by their place only: the server retries, so nobody looks further into them.
            .setFunctionCallJwt(CallTranslation.inputToken(0))
            .setSyncClientRetriesEnabled(false)
            .setMaxInputsOutstanding(MAX_OPEN_INPUTS);
    made.inputs().forEach(input -> response.addPipelinedInputs(CallTranslation.accepted(input)));
    return response.build();
  }

  FunctionPutInputsResponse putInputs(RpcContext context, FunctionPutInputsRequest request) {
    CallId call = access.require(context, request.getFunctionCallId());
    apps.requireActive(context.workspace(), system.calls().requireApp(call));
    FunctionSpec spec =
        functions.require(context.workspace(), new FunctionId(request.getFunctionId()));
    List<NewInput> inputs = request.getInputsList().stream().map(CallTranslation::input).toList();
    inputs.forEach(input -> spec.requireMethod(input.method()));
    FunctionPutInputsResponse.Builder response = FunctionPutInputsResponse.newBuilder();
    system
        .calls()
        .put(call, new FunctionId(request.getFunctionId()), inputs)
        .forEach(input -> response.addInputs(CallTranslation.accepted(input)));
    return response.build();
  }

  private Empty finishInputs(RpcContext context, FunctionFinishInputsRequest request) {
    access.require(context, request.getFunctionCallId());
    return Empty.getDefaultInstance();
  }

  FunctionGetOutputsResponse getOutputs(RpcContext context, FunctionGetOutputsRequest request)
      throws InterruptedException {
    CallId call = access.require(context, request.getFunctionCallId());
    Duration hold = hold(request.getTimeout());
    boolean ranged = request.hasStartIdx();
    if (!ranged
        && request.getClearOnSuccess()
        && hold.isZero()
        && system.outputs().summary(call).kind() == CallKind.MAP) {
      // The end of a map: an acknowledgement, not a question.
      system.outputs().acknowledge(call);
      return FunctionGetOutputsResponse.newBuilder()
          .setLastEntryId(request.getLastEntryId())
          .build();
    }
    Outputs.Wanted wanted =
        ranged
            ? new Outputs.Wanted.Range(
                request.getStartIdx(),
                request.hasEndIdx() ? request.getEndIdx() : request.getStartIdx())
            : new Outputs.Wanted.After(CallTranslation.place(request.getLastEntryId()));
    Outputs.Read read =
        system
            .outputs()
            .read(
                call,
                wanted,
                request.getMaxValues(),
                hold,
                ClientDifferences.idleMapPoll(context, hold));
    if (read.outputs().stream().anyMatch(Output::failed)) {
      system.channels().awaitReaders(call);
    }
    if (request.getClearOnSuccess() && !read.outputs().isEmpty()) {
      system.outputs().acknowledge(call);
    }
    FunctionGetOutputsResponse.Builder response =
        FunctionGetOutputsResponse.newBuilder()
            .setLastEntryId(CallTranslation.cursor(read.place()))
            .setNumUnfinishedInputs(read.unfinished());
    for (Output output : read.outputs()) {
      response
          .addIdxs(output.index())
          .addOutputs(CallTranslation.output(output, context.clientVersion()));
    }
    return response.build();
  }

  private static Duration hold(float seconds) {
    if (Float.isNaN(seconds) || seconds < 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, "a timeout is 0 seconds or more, not " + seconds);
    }
    return Duration.ofMillis((long) Math.min(seconds * 1000.0, Outputs.MAX_HOLD.toMillis()));
  }

  Empty cancel(RpcContext context, FunctionCallCancelRequest request) {
    system
        .calls()
        .cancel(
            access.require(context, request.getFunctionCallId()), request.getTerminateContainers());
    return Empty.getDefaultInstance();
  }

  FunctionCallFromIdResponse fromId(RpcContext context, FunctionCallFromIdRequest request) {
    Outputs.Summary summary =
        system.outputs().summary(access.require(context, request.getFunctionCallId()));
    return FunctionCallFromIdResponse.newBuilder()
        .setFunctionCallId(summary.id().value())
        .setNumInputs(summary.inputs())
        .setMetadata(
            FunctionCallHandleMetadata.newBuilder()
                .setAppId(summary.app().value())
                .setFunctionId(summary.function().value()))
        .build();
  }

  FunctionCallGetInfoResponse info(RpcContext context, FunctionCallGetInfoRequest request) {
    Outputs.Summary summary =
        system.outputs().summary(access.require(context, request.getFunctionCallId()));
    List<Output> outputs = summary.outputs();
    return FunctionCallGetInfoResponse.newBuilder()
        .setInfo(
            FunctionCallInfo.newBuilder()
                .setFunctionCallId(summary.id().value())
                .setCreatedAt(CallTranslation.seconds(summary.createdAt()))
                .setScheduledAt(CallTranslation.seconds(summary.createdAt()))
                .setTotalInputs(summary.inputs())
                .setPendingInputs(total(summary.inputs() - outputs.size()))
                .setSucceededInputs(total(count(outputs, OutcomeStatus.SUCCESS)))
                .setTimeoutInputs(total(count(outputs, OutcomeStatus.TIMEOUT)))
                .setCancelledInputs(total(count(outputs, OutcomeStatus.TERMINATED)))
                .setFailedInputs(
                    total(
                        count(outputs, OutcomeStatus.FAILURE)
                            + count(outputs, OutcomeStatus.INIT_FAILURE)
                            + count(outputs, OutcomeStatus.INTERNAL_FAILURE)
                            + count(outputs, OutcomeStatus.OUT_OF_MEMORY))))
        .build();
  }

  private static InputCategoryInfo total(int count) {
    return InputCategoryInfo.newBuilder().setTotal(count).build();
  }

  private static int count(List<Output> outputs, OutcomeStatus status) {
    return (int) outputs.stream().filter(o -> o.outcome().status() == status).count();
  }

  private void dataOut(
      RpcContext context, FunctionCallGetDataRequest request, Replies<DataChunk> replies)
      throws InterruptedException {
    CallId call = access.require(context, request.getFunctionCallId());
    system.channels().read(call, request.getLastIndex(), chunk -> replies.send(parse(chunk)));
  }

  private static DataChunk parse(byte[] chunk) {
    try {
      return DataChunk.parseFrom(chunk);
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(ErrorKind.DATA_LOSS, "a stored chunk cannot be read", e);
    }
  }
}
