package dev.slipway.controlplane.call;

import com.google.protobuf.Timestamp;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.FunctionCallCountRequest;
import dev.slipway.protocol.modal.FunctionCallCountResponse;
import dev.slipway.protocol.modal.FunctionCallFetchRequest;
import dev.slipway.protocol.modal.FunctionCallFetchResponse;
import dev.slipway.protocol.modal.FunctionCallInputInfo;
import dev.slipway.protocol.modal.FunctionCallInputStatus;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The edge for those who look back at what functions were asked.
public final class CallHistoryRpc implements RpcModule {
  /// Most inputs of one answer.
  static final int MAX_INPUTS = 1_000;

  /// The latest time that is asked for: the end of the year 9999.
  private static final long LAST_SECOND = 253_402_300_799L;

  private final CallHistoryStore store;
  private final Calls calls;
  private final Functions functions;

  public CallHistoryRpc(CallHistoryStore store, Calls calls, Functions functions) {
    this.store = store;
    this.calls = calls;
    this.functions = functions;
  }

  @Override
  public void contribute(Methods methods) {
    methods.unary(ModalClientGrpc.getFunctionCallFetchMethod(), this::fetch);
    methods.unary(ModalClientGrpc.getFunctionCallCountMethod(), this::count);
  }

  FunctionCallFetchResponse fetch(RpcContext context, FunctionCallFetchRequest request) {
    List<FunctionId> asked = asked(context, request.getFunctionId(), request.getAllVariants());
    List<CallHistoryStore.Entry> entries =
        switch (request.getQueryOneofCase()) {
          case TAIL -> store.listLatest(asked, atMost(request.getTail().getCount()));
          case RANGE ->
              store.listBetween(
                  asked,
                  instant(request.getRange().getSince()),
                  instant(request.getRange().getUntil()),
                  atMost(request.getRange().getLimit()));
          case QUERYONEOF_NOT_SET -> store.listLatest(asked, MAX_INPUTS);
        };
    FunctionCallFetchResponse.Builder response = FunctionCallFetchResponse.newBuilder();
    entries.forEach(entry -> response.addFunctionCallInputs(info(entry)));
    return response.build();
  }

  FunctionCallCountResponse count(RpcContext context, FunctionCallCountRequest request) {
    List<FunctionId> asked = asked(context, request.getFunctionId(), request.getAllVariants());
    long seconds = Integer.toUnsignedLong(request.getBucketSecs());
    if (seconds == 0) {
      throw new SlipwayException(ErrorKind.INVALID, "a bucket is 1 second or longer, not 0");
    }
    FunctionCallCountResponse.Builder response = FunctionCallCountResponse.newBuilder();
    store
        .count(
            asked,
            instant(request.getSince()),
            instant(request.getUntil()),
            Duration.ofSeconds(seconds))
        .forEach(bucket ->
            response.addBuckets(
                FunctionCallCountResponse.InputBucket.newBuilder()
                    .setBucketStartAt(timestamp(bucket.start()))
                    .setCount(bucket.count())));
    return response.build();
  }

  private List<FunctionId> asked(RpcContext context, String function, boolean variants) {
    FunctionId id = functions.require(context.workspace(), new FunctionId(function)).id();
    return variants ? functions.listWithVariants(id) : List.of(id);
  }

  private static int atMost(int wire) {
    return (int) Math.min(Integer.toUnsignedLong(wire), MAX_INPUTS);
  }

  private FunctionCallInputInfo info(CallHistoryStore.Entry entry) {
    FunctionCallInputInfo.Builder info =
        FunctionCallInputInfo.newBuilder()
            .setFunctionCallId(entry.call().value())
            .setEnqueuedAt(timestamp(entry.enqueuedAt()));
    entry
        .ended()
        .ifPresentOrElse(
            ended -> {
              info.setStatus(status(ended.status()));
              ended.task().ifPresent(task -> info.setContainerId(task.value()));
              ended
                  .startedAt()
                  .ifPresent(started ->
                      info.setStartedAt(timestamp(started))
                          .setExecutionTimeSeconds(
                              Duration.between(started, ended.endedAt()).toMillis() / 1_000.0));
            },
            () ->
                calls
                    .findRunning(entry.input())
                    .ifPresentOrElse(
                        running ->
                            info.setStatus(
                                    FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_RUNNING)
                                .setContainerId(running.task().value())
                                .setStartedAt(timestamp(running.startedAt())),
                        () ->
                            info.setStatus(
                                FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_PENDING)));
    return info.build();
  }

  private static FunctionCallInputStatus status(OutcomeStatus status) {
    return switch (status) {
      case SUCCESS -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_SUCCESS;
      case FAILURE -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_FAILURE;
      case TERMINATED -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_TERMINATED;
      case TIMEOUT -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_TIMEOUT;
      case INIT_FAILURE -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_INIT_FAILURE;
      case INTERNAL_FAILURE -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_INTERNAL_FAILURE;
      case OUT_OF_MEMORY -> FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_KERNEL_OOM_KILL;
    };
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(
        Math.clamp(time.getSeconds(), 0, LAST_SECOND), Math.clamp(time.getNanos(), 0, 999_999_999));
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
