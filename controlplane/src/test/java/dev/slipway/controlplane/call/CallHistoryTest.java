package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.failure;
import static dev.slipway.controlplane.call.CallFixture.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.FunctionId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.FunctionCallCountRequest;
import dev.slipway.protocol.modal.FunctionCallCountResponse.InputBucket;
import dev.slipway.protocol.modal.FunctionCallFetchRequest;
import dev.slipway.protocol.modal.FunctionCallInputInfo;
import dev.slipway.protocol.modal.FunctionCallInputStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
@Timeout(60)
class CallHistoryTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private CallFixture server;
  private CallHistoryRpc rpc;
  private Instant begun;

  @BeforeEach
  void open() {
    server = CallFixture.open(FIXTURE.database());
    rpc =
        new CallHistoryRpc(
            new CallHistoryStore(FIXTURE.database().jdbi()),
            server.system.calls(),
            server.functions);
    begun = server.clock.instant();
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void theLatestInputsAreShownWithWhereTheyStand() throws Exception {
    FunctionId function = server.function();
    for (int i = 0; i < 4; i++) {
      server.spawn(function);
      server.clock.advance(Duration.ofSeconds(1));
    }
    finish(function, success(""));
    finish(function, failure(""));
    server.take(TASK, function);

    List<FunctionCallInputInfo> inputs =
        rpc.fetch(
                caller("ac-1"),
                FunctionCallFetchRequest.newBuilder()
                    .setFunctionId(function.value())
                    .setTail(FunctionCallFetchRequest.Tail.newBuilder().setCount(10))
                    .build())
            .getFunctionCallInputsList();

    assertThat(inputs)
        .extracting(FunctionCallInputInfo::getStatus)
        .containsExactly(
            FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_PENDING,
            FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_RUNNING,
            FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_FAILURE,
            FunctionCallInputStatus.FUNCTION_CALL_INPUT_STATUS_SUCCESS);
    assertThat(inputs.get(0).hasContainerId()).isFalse();
    assertThat(inputs.get(1).getContainerId()).isEqualTo(TASK.value());
    assertThat(inputs.get(3).getExecutionTimeSeconds()).isEqualTo(2.0);
    assertThat(inputs.get(3).getEnqueuedAt()).isEqualTo(at(0));
  }

  private void finish(FunctionId function, Outcome outcome) throws InterruptedException {
    Assignment input = server.take(TASK, function).getFirst();
    server.clock.advance(Duration.ofSeconds(2));
    server.answer(TASK, function, input, outcome);
  }

  @Test
  void inputsOfATimeAreCountedAndShown() {
    FunctionId function = server.function();
    for (int i = 0; i < 5; i++) {
      server.spawn(function);
      server.clock.advance(Duration.ofSeconds(20));
    }
    assertThat(
            rpc.count(
                    caller("ac-1"),
                    FunctionCallCountRequest.newBuilder()
                        .setFunctionId(function.value())
                        .setSince(at(0))
                        .setUntil(at(80))
                        .setBucketSecs(30)
                        .build())
                .getBucketsList())
        .containsExactly(bucket(0, 2), bucket(30, 1), bucket(60, 1));
    assertThat(
            rpc.fetch(
                    caller("ac-1"),
                    FunctionCallFetchRequest.newBuilder()
                        .setFunctionId(function.value())
                        .setRange(
                            FunctionCallFetchRequest.Range.newBuilder()
                                .setSince(at(20))
                                .setUntil(at(80))
                                .setLimit(2))
                        .build())
                .getFunctionCallInputsList())
        .extracting(FunctionCallInputInfo::getEnqueuedAt)
        .containsExactly(at(20), at(40));
  }

  @Test
  void functionsOfOthersAndNonsenseAreRefused() {
    FunctionId function = server.function();
    assertThatThrownBy(() ->
            rpc.fetch(
                caller("ac-others"),
                FunctionCallFetchRequest.newBuilder().setFunctionId(function.value()).build()))
        .hasMessageContaining("There is no function");
    assertThatThrownBy(() ->
            rpc.count(
                caller("ac-1"),
                FunctionCallCountRequest.newBuilder().setFunctionId(function.value()).build()))
        .hasMessage("a bucket is 1 second or longer, not 0");
  }

  private InputBucket bucket(long second, long count) {
    return InputBucket.newBuilder().setBucketStartAt(at(second)).setCount(count).build();
  }

  private Timestamp at(long second) {
    return Timestamp.newBuilder().setSeconds(begun.getEpochSecond() + second).build();
  }

  private static RpcContext caller(String workspace) {
    return new RpcContext(
        new Caller.Client(new WorkspaceId(workspace), "ak-1"),
        ClientVersion.parse("1.6.4"),
        ClientKind.PYTHON,
        Optional.empty());
  }
}
