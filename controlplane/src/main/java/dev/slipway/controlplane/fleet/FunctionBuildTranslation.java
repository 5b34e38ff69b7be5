package dev.slipway.controlplane.fleet;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.controlplane.call.Invocation;
import dev.slipway.controlplane.call.Outcome;
import dev.slipway.controlplane.image.BuildOutcome;
import dev.slipway.protocol.modal.FunctionCallInvocationType;
import dev.slipway.protocol.modal.GenericResult;

/// Calls of build functions in the client's words.
final class FunctionBuildTranslation {
  private FunctionBuildTranslation() {}

  /// Somebody waits for the result.
  static Invocation invocation() {
    return new Invocation(
        FunctionCallInvocationType.FUNCTION_CALL_INVOCATION_TYPE_SYNC.getNumber(), true);
  }

  /// How a build ends whose function did not return.
  static BuildOutcome.Failed failure(String name, Outcome outcome) {
    String reason =
        outcome.message().isEmpty()
            ? outcome.payload().map(FunctionBuildTranslation::reason).orElse("")
            : outcome.message();
    BuildOutcome.Kind kind =
        switch (outcome.status()) {
          case TIMEOUT -> BuildOutcome.Kind.TIMEOUT;
          case TERMINATED -> BuildOutcome.Kind.CANCELLED;
          case INTERNAL_FAILURE -> BuildOutcome.Kind.MACHINE;
          case SUCCESS, FAILURE, INIT_FAILURE, OUT_OF_MEMORY -> BuildOutcome.Kind.STEP_FAILED;
        };
    return new BuildOutcome.Failed(kind, "the function %s failed: %s".formatted(name, reason), 0);
  }

  private static String reason(byte[] payload) {
    try {
      // Its traceback is in the build's log already.
      return GenericResult.parseFrom(payload).getException();
    } catch (InvalidProtocolBufferException e) {
      return "its result cannot be read";
    }
  }
}
