package dev.slipway.launcher.load;

import dev.slipway.protocol.modal.FunctionCallInvocationType;
import dev.slipway.protocol.modal.FunctionCallType;
import dev.slipway.protocol.modal.FunctionGetOutputsRequest;
import dev.slipway.protocol.modal.FunctionMapRequest;
import dev.slipway.protocol.modal.FunctionMapResponse;

/// One `.remote()`: its input goes with the call, and one long poll brings the result.
public final class LoadCall {
  private static final float POLL_SECONDS = 55;

  private LoadCall() {}

  /// Makes it, and returns when the result is here.
  public static void make(LoadClient client) {
    FunctionMapResponse call =
        client
            .stub()
            .functionMap(
                FunctionMapRequest.newBuilder()
                    .setFunctionId(client.function())
                    .setFunctionCallType(FunctionCallType.FUNCTION_CALL_TYPE_UNARY)
                    .setFunctionCallInvocationType(
                        FunctionCallInvocationType.FUNCTION_CALL_INVOCATION_TYPE_SYNC)
                    .addPipelinedInputs(LoadClient.input(0))
                    .build());
    int outputs = 0;
    while (outputs == 0) {
      outputs =
          client
              .stub()
              .functionGetOutputs(
                  FunctionGetOutputsRequest.newBuilder()
                      .setFunctionCallId(call.getFunctionCallId())
                      .setTimeout(POLL_SECONDS)
                      .setLastEntryId("0-0")
                      .setClearOnSuccess(true)
                      .addInputJwts(call.getPipelinedInputs(0).getInputJwt())
                      .build())
              .getOutputsCount();
    }
  }
}
