package dev.slipway.controlplane.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.Causes;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.RPCRetryPolicy;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns failures into statuses, in this one place.
///
/// The clients repeat a call that failed with `UNAVAILABLE`, `INTERNAL`, `UNKNOWN`, `CANCELLED` or
/// `DEADLINE_EXCEEDED`, and some of their loops do so without a pause. So of these only
/// `UNAVAILABLE` is ever used, for what is expected to pass; everything else gets a status that is
/// final.
final class FailureStatuses {
  /// What the client prints must stay readable, and must fit into the headers that carry it.
  static final int MAX_SENTENCE_LENGTH = 2_000;

  private static final Logger log = LoggerFactory.getLogger(FailureStatuses.class);

  /// What leaves when a call fails.
  record Failure(Status status, Metadata trailers) {
    Failure(Status status) {
      this(status, new Metadata());
    }
  }

  private FailureStatuses() {}

  static Failure of(String method, Throwable failure) {
    return switch (failure) {
      case SlipwayException e -> refusal(e);
      case StatusRuntimeException e -> ofStatus(e.getStatus(), e.getTrailers());
      case StatusException e -> ofStatus(e.getStatus(), e.getTrailers());
      case InvalidProtocolBufferException e ->
          new Failure(
              sentence(
                  Status.INVALID_ARGUMENT,
                  "The request of " + method + " is no valid message: " + e.getMessage()));
      default -> unexpected(method, failure);
    };
  }

  private static Failure refusal(SlipwayException e) {
    Status status = sentence(status(e.kind()), e.getMessage());
    return e.retryAfter()
        .map(after -> new Failure(status, comeBack(status, after)))
        .orElseGet(() -> new Failure(status));
  }

  /// The detail of a status that makes a client wait and try again by itself.
  private static Metadata comeBack(Status status, Duration after) {
    RPCRetryPolicy policy =
        RPCRetryPolicy.newBuilder().setRetryAfterSecs(after.toMillis() / 1_000f).build();
    Metadata trailers =
        StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                    .setCode(status.getCode().value())
                    .setMessage(String.valueOf(status.getDescription()))
                    .addDetails(Any.pack(policy))
                    .build())
            .getTrailers();
    return trailers == null ? new Metadata() : trailers;
  }

  static Status status(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> Status.INVALID_ARGUMENT;
      case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
      case DENIED -> Status.PERMISSION_DENIED;
      case NOT_FOUND -> Status.NOT_FOUND;
      case EXISTS -> Status.ALREADY_EXISTS;
      case CONFLICT -> Status.FAILED_PRECONDITION;
      case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
      case UNSUPPORTED -> Status.UNIMPLEMENTED;
      case UNAVAILABLE -> Status.UNAVAILABLE;
      case DATA_LOSS -> Status.DATA_LOSS;
    };
  }

  /// Whether a call that fails with this code keeps the promise above.
  static boolean mayLeave(Status.Code code) {
    return switch (code) {
      case OK,
          INVALID_ARGUMENT,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          RESOURCE_EXHAUSTED,
          UNIMPLEMENTED,
          UNAVAILABLE,
          DATA_LOSS,
          ABORTED,
          OUT_OF_RANGE ->
          true;
      case CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, INTERNAL -> false;
    };
  }

  static Status sentence(Status status, @Nullable String sentence) {
    String text = sentence == null ? status.getCode().name() : sentence;
    return status.withDescription(Shown.atMost(text, MAX_SENTENCE_LENGTH - 1));
  }

  private static Failure ofStatus(Status status, @Nullable Metadata trailers) {
    return new Failure(
        sentence(status, status.getDescription()), trailers == null ? new Metadata() : trailers);
  }

  private static Failure unexpected(String method, Throwable failure) {
    String incident = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    if (isDatabaseAway(failure)) {
      log.warn("{} met a database that is away (incident {})", method, incident, failure);
      return new Failure(
          Status.UNAVAILABLE.withDescription(
              "The database does not answer; try again (incident " + incident + ")"));
    }
    log.error("{} failed unexpectedly (incident {})", method, incident, failure);
    if (failure instanceof IOException || failure instanceof UncheckedIOException) {
      return new Failure(
          Status.UNAVAILABLE.withDescription(
              "A disk or a connection of the server failed during "
                  + method
                  + "; try again (incident "
                  + incident
                  + ", details are in the server's log)"));
    }
    return new Failure(
        Status.ABORTED.withDescription(
            "The server failed in a way that is its own fault during "
                + method
                + " (incident "
                + incident
                + ", details are in the server's log)"));
  }

  private static boolean isDatabaseAway(Throwable failure) {
    return Causes.of(failure)
        .anyMatch(cause ->
            cause instanceof SQLTransientException
                || cause instanceof SQLRecoverableException
                || cause instanceof SQLNonTransientConnectionException
                || (cause instanceof SQLException e && saysAway(e.getSQLState())));
  }

  /// Classes 08 (connection), 53 (out of resources), 57P (shutdown, starting up) and 40 (rolled
  /// back by a conflict) of the SQL standard and of PostgreSQL.
  private static boolean saysAway(@Nullable String state) {
    return state != null
        && (state.startsWith("08")
            || state.startsWith("53")
            || state.startsWith("57P")
            || state.startsWith("40"));
  }
}
