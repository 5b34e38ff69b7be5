package dev.slipway.controlplane.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.RPCRetryPolicy;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureStatusesTest {

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void everyKindOfFailureHasAStatusThatMayLeave(ErrorKind kind) {
    Status status = statusOf(new SlipwayException(kind, "what is wrong"));
    assertThat(FailureStatuses.mayLeave(status.getCode())).isTrue();
    assertThat(status.getDescription()).isEqualTo("what is wrong");
  }

  @Test
  void onlyWhatMayPassIsWorthRepeating() {
    for (ErrorKind kind : ErrorKind.values()) {
      boolean repeated = FailureStatuses.status(kind).getCode() == Status.Code.UNAVAILABLE;
      assertThat(repeated).as("%s", kind).isEqualTo(kind == ErrorKind.UNAVAILABLE);
    }
  }

  @Test
  void whoShouldComeBackIsToldWhenInTheStatusItself() throws Exception {
    FailureStatuses.Failure failure =
        FailureStatuses.of(
            "Service/Method", SlipwayException.comeBack(Duration.ofMillis(1500), "too many"));
    assertThat(failure.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    com.google.rpc.Status details =
        Objects.requireNonNull(
            StatusProto.fromThrowable(failure.status().asException(failure.trailers())));
    assertThat(details.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
    assertThat(details.getMessage()).isEqualTo("too many");
    // The client knows the message by the end of its address.
    assertThat(details.getDetails(0).getTypeUrl()).endsWith("/modal.client.RPCRetryPolicy");
    assertThat(details.getDetails(0).unpack(RPCRetryPolicy.class).getRetryAfterSecs())
        .isEqualTo(1.5f);
  }

  @Test
  void whoNeedNotComeBackIsToldNothingOfIt() {
    SlipwayException full = new SlipwayException(ErrorKind.EXHAUSTED, "the queue is full");
    assertThat(FailureStatuses.of("Service/Method", full).trailers().keys()).isEmpty();
  }

  @Test
  void aLostDatabaseIsWorthRepeating() {
    Throwable lost = new IllegalStateException(new SQLException("connection lost", "08006"));
    assertThat(statusOf(lost).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    Throwable wrong = new IllegalStateException(new SQLException("no such column", "42703"));
    assertThat(statusOf(wrong).getCode()).isEqualTo(Status.Code.ABORTED);
  }

  @Test
  void aDefectIsFinalAndSaysWhereToLook() {
    Status status = statusOf(new NullPointerException("secret detail"));
    assertThat(status.getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(status.getDescription())
        .contains("incident")
        .contains("Service/Method")
        .doesNotContain("secret detail");
  }

  @Test
  void aBrokenDiskOrConnectionIsWorthRepeating() {
    assertThat(statusOf(new UncheckedIOException(new ConnectException("refused"))).getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aMalformedRequestIsTheCallersFault() {
    assertThat(statusOf(new InvalidProtocolBufferException("cut off")).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void sentencesStayShortEnoughForAHeader() {
    Status status = statusOf(new SlipwayException(ErrorKind.INVALID, "x".repeat(100_000)));
    assertThat(status.getDescription()).hasSize(FailureStatuses.MAX_SENTENCE_LENGTH).endsWith("…");
  }

  private static Status statusOf(Throwable failure) {
    return FailureStatuses.of("Service/Method", failure).status();
  }
}
