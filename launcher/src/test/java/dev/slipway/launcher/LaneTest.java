package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.FunctionGetInputsItem;
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.worker.InputsAnswer;
import dev.slipway.protocol.worker.TakeInputsRequest;
import dev.slipway.protocol.worker.TakeInputsResponse;
import dev.slipway.protocol.worker.TaskInputsGrpc;
import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.worker.relay.TaskSocket;
import dev.slipway.worker.relay.TaskSockets;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The files that the platform adds to a container's Python, with the clients' own libraries, on a
/// task's real sockets.
@Tag("integration")
class LaneTest {
  private static final TaskId TASK = new TaskId("ta-0123456789abcdefABCDEF");
  private static final int LIMIT_BYTES = 110 << 20;

  /// The program says this with each call; what comes by the lane does not carry it.
  private static final Metadata.Key<String> WAY =
      Metadata.Key.of("x-way", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> TASK_ID =
      Metadata.Key.of("slipway-task-id", Metadata.ASCII_STRING_MARSHALLER);

  private final BlockingQueue<Boolean> byLane = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> tasks = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> cancelled = new LinkedBlockingQueue<>();

  /// One permit for each question that hangs until it is given up.
  private final Semaphore hanging = new Semaphore(0);

  /// Questions without an answer that have reached the platform.
  private final AtomicInteger unanswered = new AtomicInteger();

  @TempDir Path python;
  private Path directory;
  private Server platform;
  private ManagedChannel toPlatform;
  private TaskSockets sockets;
  private TaskSocket socket;

  @BeforeEach
  void open() throws Exception {
    // Short: the path of a socket has little room.
    directory = Files.createTempDirectory("sw");
    platform =
        InProcessServerBuilder.forName(directory.toString())
            .maxInboundMessageSize(LIMIT_BYTES)
            .addService(ServerInterceptors.intercept(new Platform(), new Ways()))
            .addService(ServerInterceptors.intercept(new Inputs(), new Ways()))
            .build()
            .start();
    toPlatform = InProcessChannelBuilder.forName(directory.toString()).build();
    sockets = new TaskSockets(directory.resolve("s"), toPlatform);
    socket = sockets.open(TASK);
    for (String file : List.of("sitecustomize.py", "slipway_lane.py", "lane_calls.py")) {
      String from = file.startsWith("lane") ? file : "/dev/slipway/controlplane/supply/" + file;
      try (InputStream source = Objects.requireNonNull(LaneTest.class.getResourceAsStream(from))) {
        Files.copy(source, python.resolve(file));
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    sockets.close();
    toPlatform.shutdownNow();
    platform.shutdownNow();
    Files.deleteIfExists(directory.resolve("s"));
    Files.delete(directory);
  }

  @ParameterizedTest
  @EnumSource(ClientRelease.class)
  void theMostFrequentCallsGoByTheLaneWithTheSameAnswers(ClientRelease client) throws Exception {
    assertThat(talk(client, socket.directory().resolve(TaskSocket.LANE)))
        .allSatisfy(this::asAlways)
        .allSatisfy(seen -> assertThat(seen.get("refused").asString()).isEqualTo("later"));
    assertThat(byLane).isNotEmpty().containsOnly(true);
    assertThat(tasks).containsOnly(TASK.value());
    // A call that is given up, and one whose time is over, in both loops. On a slow machine its
    // time
    // is over before the second one is here.
    assertThat(unanswered.get()).isBetween(2, 4);
    for (int i = 0; i < unanswered.get(); i++) {
      assertThat(cancelled.poll(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(ClientRelease.class)
  void withoutALaneTheClientsOwnWayServes(ClientRelease client) {
    assertThat(talk(client, socket.directory().resolve("no.sock")))
        .allSatisfy(this::asAlways)
        .allSatisfy(seen -> assertThat(seen.get("refused").asString()).isEqualTo("at once"));
    assertThat(byLane).isNotEmpty().containsOnly(false);
  }

  private void asAlways(JsonNode seen) {
    assertThat(seen.get("input").asString()).isEqualTo("in-fu-1");
    assertThat(seen.get("error").get(0).asString()).isEqualTo("FAILED_PRECONDITION");
    assertThat(seen.get("error").get(1).asString()).isEqualTo("not this one: grüße");
    assertThat(seen.get("cancelled").asBoolean()).isTrue();
    assertThat(seen.get("timeout").asBoolean()).isTrue();
    assertThat(seen.get("many").asInt()).isEqualTo(200);
    assertThat(seen.get("refusal").asString()).isEqualTo("not this one: grüße");
    assertThat(seen.get("after").asString()).isEqualTo("in-fu-alone");
  }

  private List<JsonNode> talk(ClientRelease client, Path lane) {
    try (ChildProcess program =
        ChildProcess.start(
            List.of(
                client.virtualEnvironment().resolve("bin/python").toString(),
                "lane_calls.py",
                socket.directory().resolve(TaskSocket.SOCKET).toString()),
            python,
            Map.of(
                "PATH", "/usr/bin:/bin",
                "PYTHONPATH", python.toString(),
                "SLIPWAY_LANE", lane.toString()))) {
      int code = program.awaitExit(Duration.ofSeconds(90));
      assertThat(code).as(program.toString()).isZero();
      String last =
          program
              .transcript()
              .text()
              .lines()
              .filter(l -> l.startsWith("["))
              .findFirst()
              .orElseThrow();
      return JsonMapper.builder().build().readTree(last).valueStream().toList();
    }
  }

  private final class Ways implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      byLane.add(headers.get(WAY) == null);
      tasks.add(String.valueOf(headers.get(TASK_ID)));
      return next.startCall(call, headers);
    }
  }

  /// What the worker asks in the container's name.
  private final class Inputs extends TaskInputsGrpc.TaskInputsImplBase {
    @Override
    public void takeInputs(TakeInputsRequest request, StreamObserver<TakeInputsResponse> replies) {
      String function = question(request).getFunctionId();
      if (isNotAnswered(function, replies)) {
        return;
      }
      replies.onNext(
          TakeInputsResponse.newBuilder()
              .addAnswers(InputsAnswer.newBuilder().setAnswer(inputOf(function).toByteString()))
              .build());
      replies.onCompleted();
    }

    private static FunctionGetInputsRequest question(TakeInputsRequest request) {
      try {
        return FunctionGetInputsRequest.parseFrom(request.getQuestion());
      } catch (InvalidProtocolBufferException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private boolean isNotAnswered(String function, StreamObserver<?> replies) {
    boolean hangs = function.equals("fu-hang");
    if (hangs || function.equals("fu-late")) {
      ((ServerCallStreamObserver<?>) replies).setOnCancelHandler(() -> cancelled.add(true));
      unanswered.incrementAndGet();
      hanging.release(hangs ? 1 : 0);
      return true;
    }
    if (function.equals("fu-hanging")) {
      hanging.acquireUninterruptibly();
    }
    return false;
  }

  private static FunctionGetInputsResponse inputOf(String function) {
    return FunctionGetInputsResponse.newBuilder()
        .addInputs(FunctionGetInputsItem.newBuilder().setInputId("in-" + function))
        .build();
  }

  private final class Platform extends ModalClientGrpc.ModalClientImplBase {
    @Override
    public void functionGetInputs(
        FunctionGetInputsRequest request, StreamObserver<FunctionGetInputsResponse> replies) {
      if (isNotAnswered(request.getFunctionId(), replies)) {
        return;
      }
      replies.onNext(inputOf(request.getFunctionId()));
      replies.onCompleted();
    }

    @Override
    public void functionPutOutputs(
        FunctionPutOutputsRequest request, StreamObserver<Empty> replies) {
      boolean refused = request.getOutputs(0).getInputId().equals("in-bad");
      if (refused || request.getOutputs(0).getResult().getData().size() != 20_000_000) {
        replies.onError(
            Status.FAILED_PRECONDITION.withDescription("not this one: grüße").asRuntimeException());
        return;
      }
      replies.onNext(Empty.getDefaultInstance());
      replies.onCompleted();
    }
  }
}
