package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.failure;
import static dev.slipway.controlplane.call.CallFixture.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.FunctionCallCancelRequest;
import dev.slipway.protocol.modal.FunctionCallFromIdRequest;
import dev.slipway.protocol.modal.FunctionCallFromIdResponse;
import dev.slipway.protocol.modal.FunctionCallGetInfoRequest;
import dev.slipway.protocol.modal.FunctionCallInfo;
import dev.slipway.protocol.modal.FunctionCallInvocationType;
import dev.slipway.protocol.modal.FunctionCallType;
import dev.slipway.protocol.modal.FunctionGetOutputsItem;
import dev.slipway.protocol.modal.FunctionGetOutputsRequest;
import dev.slipway.protocol.modal.FunctionGetOutputsResponse;
import dev.slipway.protocol.modal.FunctionInput;
import dev.slipway.protocol.modal.FunctionMapRequest;
import dev.slipway.protocol.modal.FunctionMapResponse;
import dev.slipway.protocol.modal.FunctionPutInputsItem;
import dev.slipway.protocol.modal.FunctionPutInputsRequest;
import dev.slipway.protocol.modal.GenericResult;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Calls in the client's own words.
@Tag("integration")
@Timeout(60)
class CallEdgeTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final RpcContext CALLER = caller("ac-1");

  private CallFixture server;
  private CallRpc rpc;
  private FunctionId function;

  @BeforeEach
  void open() {
    server = CallFixture.open(FIXTURE.database());
    rpc = new CallRpc(server.system, server.functions, server.apps);
    function = server.function();
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aMapIsMadeFilledReadAndAcknowledged() throws Exception {
    String call = map(2);
    server.answer(TASK, function, server.take(TASK, function).getFirst(), success("zero"));
    FunctionGetOutputsResponse first = outputs(call, request -> request.setLastEntryId("0-0"));
    server.answer(TASK, function, server.take(TASK, function).getFirst(), failure("one"));
    FunctionGetOutputsResponse second =
        outputs(call, request -> request.setLastEntryId(first.getLastEntryId()));
    FunctionGetOutputsResponse end =
        outputs(call, request -> request.setLastEntryId("0-0").setClearOnSuccess(true));

    assertThat(first.getOutputsList())
        .extracting(FunctionGetOutputsItem::getIdx)
        .containsExactly(0);
    assertThat(first.getNumUnfinishedInputs()).isEqualTo(1);
    assertThat(second.getOutputsList())
        .extracting(item -> item.getResult().getStatus())
        .containsExactly(GenericResult.GenericStatus.GENERIC_STATUS_FAILURE);
    assertThat(second.getOutputsList())
        .extracting(FunctionGetOutputsItem::getRetryCount)
        .containsExactly(0);
    assertThat(end.getOutputsList()).isEmpty();
  }

  @Test
  void howACallStandsIsToldByState() throws Exception {
    String call = map(3);
    server.answer(TASK, function, server.take(TASK, function).getFirst(), success(""));
    server.answer(TASK, function, server.take(TASK, function).getFirst(), failure(""));

    FunctionCallInfo info =
        rpc.info(CALLER, FunctionCallGetInfoRequest.newBuilder().setFunctionCallId(call).build())
            .getInfo();
    FunctionCallFromIdResponse found =
        rpc.fromId(CALLER, FunctionCallFromIdRequest.newBuilder().setFunctionCallId(call).build());

    assertThat(info.getTotalInputs()).isEqualTo(3);
    assertThat(info.getSucceededInputs().getTotal()).isEqualTo(1);
    assertThat(info.getFailedInputs().getTotal()).isEqualTo(1);
    assertThat(info.getPendingInputs().getTotal()).isEqualTo(1);
    assertThat(found.getNumInputs()).isEqualTo(3);
    assertThat(found.getMetadata().getFunctionId()).isEqualTo(function.value());
  }

  @Test
  void aCallOfAnotherWorkspaceIsNotThere() {
    String call = map(1);
    RpcContext stranger = caller("ac-others");
    assertThatThrownBy(() ->
            rpc.getOutputs(
                stranger, FunctionGetOutputsRequest.newBuilder().setFunctionCallId(call).build()))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    assertThatThrownBy(() ->
            rpc.cancel(
                stranger, FunctionCallCancelRequest.newBuilder().setFunctionCallId(call).build()))
        .hasMessageContaining("There is no function call '" + call + "'");
    assertThatThrownBy(() ->
            rpc.fromId(
                stranger, FunctionCallFromIdRequest.newBuilder().setFunctionCallId(call).build()))
        .hasMessageContaining("There is no function call");
  }

  @Test
  void unreasonableNumbersAreRefusedWithTheValueOrCutToWhatIsReasonable() throws Exception {
    String call = map(1);
    for (float timeout : new float[] {-1, Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() -> outputs(call, request -> request.setTimeout(timeout)))
          .hasMessageContaining("a timeout is 0 seconds or more, not " + timeout);
    }
    assertThatThrownBy(() -> outputs(call, request -> request.setLastEntryId("yesterday")))
        .hasMessageContaining("'yesterday' is no place among outputs");
    assertThatThrownBy(() -> map(1_001)).hasMessageContaining("at most 1000 inputs, not 1001");
    server.answer(TASK, function, server.take(TASK, function).getFirst(), success(""));

    assertThat(
            outputs(call, request -> request.setTimeout(Float.MAX_VALUE).setMaxValues(-5))
                .getOutputsList())
        .hasSize(1);
  }

  private String map(int inputs) {
    FunctionMapResponse made =
        rpc.map(
            CALLER,
            FunctionMapRequest.newBuilder()
                .setFunctionId(function.value())
                .setFunctionCallType(FunctionCallType.FUNCTION_CALL_TYPE_MAP)
                .setFunctionCallInvocationType(
                    FunctionCallInvocationType.FUNCTION_CALL_INVOCATION_TYPE_SYNC)
                .build());
    FunctionPutInputsRequest.Builder put =
        FunctionPutInputsRequest.newBuilder()
            .setFunctionId(function.value())
            .setFunctionCallId(made.getFunctionCallId());
    for (int i = 0; i < inputs; i++) {
      put.addInputs(
          FunctionPutInputsItem.newBuilder()
              .setIdx(i)
              .setInput(FunctionInput.getDefaultInstance()));
    }
    rpc.putInputs(CALLER, put.build());
    return made.getFunctionCallId();
  }

  private FunctionGetOutputsResponse outputs(
      String call,
      Function<FunctionGetOutputsRequest.Builder, FunctionGetOutputsRequest.Builder> wishes)
      throws InterruptedException {
    FunctionGetOutputsRequest.Builder request =
        FunctionGetOutputsRequest.newBuilder().setFunctionCallId(call);
    return rpc.getOutputs(CALLER, wishes.apply(request).build());
  }

  private static RpcContext caller(String workspace) {
    return new RpcContext(
        new Caller.Client(new WorkspaceId(workspace), "ak-1"),
        ClientVersion.parse("1.6.4"),
        ClientKind.PYTHON,
        Optional.empty());
  }
}
