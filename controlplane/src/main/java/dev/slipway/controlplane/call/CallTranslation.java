package dev.slipway.controlplane.call;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.controlplane.rpc.ClientDifferences;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.DataFormat;
import dev.slipway.protocol.modal.FunctionCallInvocationType;
import dev.slipway.protocol.modal.FunctionCallType;
import dev.slipway.protocol.modal.FunctionGetInputsItem;
import dev.slipway.protocol.modal.FunctionGetOutputsItem;
import dev.slipway.protocol.modal.FunctionInput;
import dev.slipway.protocol.modal.FunctionPutInputsItem;
import dev.slipway.protocol.modal.FunctionPutInputsResponseItem;
import dev.slipway.protocol.modal.GenericResult;
import dev.slipway.protocol.modal.GenericResult.GenericStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Between the client's messages and the domain of calls.
final class CallTranslation {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final String TOKEN_HEADER =
      BASE64.encodeToString("{}".getBytes(StandardCharsets.UTF_8));

  private static final Pattern CURSOR = Pattern.compile("(\\d{1,18})-(\\d{1,9})");

  private CallTranslation() {}

  static CallKind kind(FunctionCallType type) {
    return switch (type) {
      case FUNCTION_CALL_TYPE_UNARY, FUNCTION_CALL_TYPE_UNSPECIFIED -> CallKind.UNARY;
      case FUNCTION_CALL_TYPE_MAP -> CallKind.MAP;
      case UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID, "a call is unary or a map; this client asks for another kind");
    };
  }

  static Invocation invocation(FunctionCallInvocationType type) {
    if (type == FunctionCallInvocationType.UNRECOGNIZED) {
      throw new SlipwayException(
          ErrorKind.INVALID, "this client asks for a way of calling that is not known");
    }
    return new Invocation(type.getNumber(), waits(type.getNumber()));
  }

  /// Whether a caller of that kind waits for the results.
  static boolean waits(int invocationCode) {
    return invocationCode != FunctionCallInvocationType.FUNCTION_CALL_INVOCATION_TYPE_ASYNC_VALUE
        && invocationCode
            != FunctionCallInvocationType.FUNCTION_CALL_INVOCATION_TYPE_ASYNC_LEGACY_VALUE;
  }

  static NewInput input(FunctionPutInputsItem item) {
    return new NewInput(
        item.getIdx(), item.getInput().getMethodName(), item.getInput().toByteArray());
  }

  /// The method that a stored input is for.
  static String method(byte[] payload) {
    return parseInput(payload).getMethodName();
  }

  private static FunctionInput parseInput(byte[] payload) {
    try {
      return FunctionInput.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(ErrorKind.DATA_LOSS, "a stored input cannot be read", e);
    }
  }

  /// The token by which a client names an input. Clients look into it for the index and send all
  /// that are open with every question for outputs, so it is as short as its three-part form
  /// allows.
  static String inputToken(int index) {
    return TOKEN_HEADER
        + "."
        + BASE64.encodeToString(("{\"idx\":" + index + "}").getBytes(StandardCharsets.UTF_8))
        + ".x";
  }

  static FunctionPutInputsResponseItem accepted(Calls.Accepted input) {
    return FunctionPutInputsResponseItem.newBuilder()
        .setIdx(input.index())
        .setInputId(input.id().value())
        .setInputJwt(inputToken(input.index()))
        .build();
  }

  static FunctionGetInputsItem assignment(Assignment assignment) {
    return FunctionGetInputsItem.newBuilder()
        .setInputId(assignment.input().value())
        .setInput(parseInput(assignment.payload()))
        .setFunctionCallId(assignment.call().value())
        .setFunctionCallInvocationTypeValue(assignment.invocationCode())
        .setRetryCount(assignment.attempt())
        .setFunctionMapIdx(assignment.index())
        .build();
  }

  static Outcome outcome(GenericResult result, int dataFormat) {
    return Outcome.ofContainer(status(result.getStatus()), result.toByteArray(), dataFormat);
  }

  private static OutcomeStatus status(GenericStatus status) {
    return switch (status) {
      case GENERIC_STATUS_SUCCESS -> OutcomeStatus.SUCCESS;
      case GENERIC_STATUS_FAILURE, GENERIC_STATUS_UNSPECIFIED, UNRECOGNIZED ->
          OutcomeStatus.FAILURE;
      case GENERIC_STATUS_TERMINATED, GENERIC_STATUS_IDLE_TIMEOUT -> OutcomeStatus.TERMINATED;
      case GENERIC_STATUS_TIMEOUT -> OutcomeStatus.TIMEOUT;
      case GENERIC_STATUS_INIT_FAILURE -> OutcomeStatus.INIT_FAILURE;
      case GENERIC_STATUS_INTERNAL_FAILURE -> OutcomeStatus.INTERNAL_FAILURE;
      case GENERIC_STATUS_MEMORY_MANAGER_EVICTION,
          GENERIC_STATUS_MEMORY_THRASHING_EVICTION,
          GENERIC_STATUS_KERNEL_OOM_KILL ->
          OutcomeStatus.OUT_OF_MEMORY;
    };
  }

  static GenericStatus wire(OutcomeStatus status, ClientVersion reader) {
    return switch (status) {
      case SUCCESS -> GenericStatus.GENERIC_STATUS_SUCCESS;
      case FAILURE -> GenericStatus.GENERIC_STATUS_FAILURE;
      case TERMINATED -> GenericStatus.GENERIC_STATUS_TERMINATED;
      case TIMEOUT -> GenericStatus.GENERIC_STATUS_TIMEOUT;
      case INIT_FAILURE -> GenericStatus.GENERIC_STATUS_INIT_FAILURE;
      case INTERNAL_FAILURE -> GenericStatus.GENERIC_STATUS_INTERNAL_FAILURE;
      case OUT_OF_MEMORY ->
          ClientDifferences.knowsOutOfMemory(reader)
              ? GenericStatus.GENERIC_STATUS_KERNEL_OOM_KILL
              : GenericStatus.GENERIC_STATUS_FAILURE;
    };
  }

  static FunctionGetOutputsItem output(Output output, ClientVersion reader) {
    return FunctionGetOutputsItem.newBuilder()
        .setResult(result(output.outcome(), reader))
        .setIdx(output.index())
        .setInputId(output.input().value())
        .setDataFormatValue(output.outcome().dataFormat())
        .setTaskId(output.task().map(TaskId::value).orElse(""))
        .setInputStartedAt(output.startedAt().map(CallTranslation::seconds).orElse(0.0))
        .setOutputCreatedAt(seconds(output.createdAt()))
        // The server retries, and the client drops outputs of attempts that it has not asked for.
        .setRetryCount(0)
        .build();
  }

  static GenericResult result(Outcome outcome, ClientVersion reader) {
    if (outcome.payload().isEmpty()) {
      return GenericResult.newBuilder()
          .setStatus(wire(outcome.status(), reader))
          .setException(outcome.message())
          .build();
    }
    try {
      return GenericResult.parseFrom(outcome.payload().get());
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(ErrorKind.DATA_LOSS, "a stored result cannot be read", e);
    }
  }

  /// A container's report that it cannot start. Its data, if any, is a pickled exception.
  static Outcome startupFailure(byte[] stored) {
    try {
      GenericResult result = GenericResult.parseFrom(stored);
      boolean exception = !result.getData().isEmpty() || !result.getDataBlobId().isEmpty();
      return Outcome.ofContainer(
          OutcomeStatus.INIT_FAILURE,
          result.toBuilder().setStatus(GenericStatus.GENERIC_STATUS_FAILURE).build().toByteArray(),
          exception ? DataFormat.DATA_FORMAT_PICKLE_VALUE : 0);
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(ErrorKind.DATA_LOSS, "a stored result cannot be read", e);
    }
  }

  /// A reader's place among outputs as a client carries it around.
  static String cursor(Outputs.Place place) {
    return place.incarnation() + "-" + place.position();
  }

  static Outputs.Place place(String cursor) {
    if (cursor.isEmpty()) {
      return Outputs.Place.START;
    }
    Matcher matcher = CURSOR.matcher(cursor);
    if (!matcher.matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'" + cursor + "' is no place among outputs; such a place is like 1700000000000-17");
    }
    return new Outputs.Place(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1000.0;
  }
}
