package dev.slipway.worker.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionPutOutputsItem;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.worker.AttemptReference;
import dev.slipway.protocol.worker.InputsAnswer;
import dev.slipway.protocol.worker.ReturnInputsRequest;
import dev.slipway.protocol.worker.ReturnInputsResponse;
import dev.slipway.protocol.worker.TakeInputsRequest;
import dev.slipway.protocol.worker.TakeInputsResponse;
import dev.slipway.protocol.worker.TaskInputsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A container's lane, played frame by frame, before a platform that the test plays. Needs root,
/// since sockets are given to the containers' user.
@Tag("integration")
@Timeout(60)
class LanesTest {
  private static final TaskId TASK = new TaskId("ta-0123456789abcdefABCDEF");
  private static final int CANCEL = 0;
  private static final int GET = 1;
  private static final int PUT = 2;
  private static final int TELL = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// A question of the platform's side that waits for its answer.
  private record Asked<Q, A>(Q request, StreamObserver<A> replies) {
    void answer(A answer) {
      replies.onNext(answer);
      replies.onCompleted();
    }

    void fail(Status status) {
      replies.onError(status.asRuntimeException());
    }
  }

  private record Answer(int id, int status, String text) {}

  private final BlockingQueue<Asked<TakeInputsRequest, TakeInputsResponse>> takes =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<Asked<FunctionPutOutputsRequest, Empty>> puts =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<ReturnInputsRequest> returned = new LinkedBlockingQueue<>();
  private final Queue<Status> refusedReturns = new ConcurrentLinkedQueue<>();

  private Path directory;
  private Server platform;
  private ManagedChannel toPlatform;
  private TaskSockets sockets;
  private TaskSocket socket;
  private SocketChannel lane;

  @BeforeEach
  void open() throws Exception {
    directory = Files.createTempDirectory("sw");
    platform =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new Inputs())
            .addService(new Outputs())
            .build()
            .start();
    toPlatform =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", platform.getPort()))
            .usePlaintext()
            .build();
    connect(LaneInputs.KEPT);
  }

  private void connect(Duration inputsKept) throws IOException {
    sockets = new TaskSockets(directory.resolve("s"), toPlatform, inputsKept);
    socket = sockets.open(TASK);
    lane =
        SocketChannel.open(UnixDomainSocketAddress.of(socket.directory().resolve(TaskSocket.LANE)));
  }

  private void disconnect() throws IOException {
    lane.close();
    socket.close();
    sockets.close();
  }

  @AfterEach
  void close() throws Exception {
    disconnect();
    toPlatform.shutdownNow();
    platform.shutdownNow();
    Files.deleteIfExists(directory.resolve("s"));
    Files.delete(directory);
  }

  @Test
  void whatWasFetchedAheadAnswersTheNextQuestions() throws Exception {
    // However long this test takes between two questions.
    disconnect();
    connect(Duration.ofMinutes(5));
    send(1, GET, question());
    Asked<TakeInputsRequest, TakeInputsResponse> take = asked(takes);
    assertThat(take.request.getQuestion()).isEqualTo(question());
    assertThat(take.request.getMost()).isEqualTo(LaneInputs.MOST);
    take.answer(inputs(0, 3));
    assertThat(read()).isEqualTo(new Answer(1, 0, "input 0"));

    send(2, GET, question());
    assertThat(read()).isEqualTo(new Answer(2, 0, "input 1"));
    send(3, GET, question());
    assertThat(read()).isEqualTo(new Answer(3, 0, "input 2"));
    assertThat(takes).isEmpty();

    send(4, GET, question());
    asked(takes).fail(Status.FAILED_PRECONDITION.withDescription("enough: grüße"));
    assertThat(read())
        .isEqualTo(new Answer(4, Status.Code.FAILED_PRECONDITION.value(), "enough: grüße"));
    assertThat(returned).isEmpty();
  }

  @Test
  void whatTheContainerDoesNotAskForGoesBackAndIsNotHandedOverAfterwards() throws Exception {
    refusedReturns.add(Status.UNAVAILABLE);
    send(1, GET, question());
    asked(takes).answer(inputs(0, 3));
    read();

    assertThat(ids(returned)).containsExactly("in-1", "in-2");

    send(2, GET, question());
    asked(takes).answer(inputs(7, 8));
    assertThat(read()).isEqualTo(new Answer(2, 0, "input 7"));
  }

  @Test
  void aQuestionThatWasGivenUpTakesNoInputsFromThePlatform() throws Exception {
    send(1, GET, question());
    Asked<TakeInputsRequest, TakeInputsResponse> take = asked(takes);
    send(1, CANCEL, ByteString.EMPTY);
    send(2, GET, question());
    Asked<TakeInputsRequest, TakeInputsResponse> next = asked(takes);
    // From here on the platform knows, and what it answers all the same reaches nobody.
    Awaitility.await()
        .until(((ServerCallStreamObserver<TakeInputsResponse>) take.replies)::isCancelled);
    take.answer(inputs(0, 1));
    next.answer(inputs(4, 5));

    assertThat(read()).isEqualTo(new Answer(2, 0, "input 4"));
  }

  @Test
  void theEndOfAContainerReturnsWhatItHadNotBegunBeforeItIsTold() throws Exception {
    send(1, GET, question());
    asked(takes).answer(inputs(0, 3));
    read();
    send(2, TELL, output("in-0"));
    Asked<FunctionPutOutputsRequest, Empty> put = asked(puts);
    lane.close();

    assertThat(ids(returned)).containsExactly("in-1", "in-2");
    assertThat(socket.settle(Duration.ofMillis(300))).as("its output is under way").isFalse();
    put.answer(Empty.getDefaultInstance());
  }

  @Test
  void anOutputThatWasToldReachesThePlatformAfterTheContainersEnd() throws Exception {
    send(1, TELL, output("in-0"));
    lane.close();
    // It is not there for a while.
    asked(puts).fail(Status.UNAVAILABLE);
    asked(puts).fail(Status.UNAVAILABLE);
    Asked<FunctionPutOutputsRequest, Empty> put = asked(puts);
    assertThat(put.request).isEqualTo(FunctionPutOutputsRequest.parseFrom(output("in-0")));
    put.answer(Empty.getDefaultInstance());

    assertThat(socket.settle(PATIENCE)).isTrue();
  }

  @Test
  void outputsThatComeWhileOthersAreUnderWayGoTogether() throws Exception {
    send(1, TELL, output("in-1"));
    Asked<FunctionPutOutputsRequest, Empty> first = asked(puts);
    send(2, TELL, output("in-2"));
    send(3, PUT, output("in-3"));
    send(4, TELL, output("in-4"));
    // The platform has to have all of them before it is asked for more.
    send(5, GET, question());
    awaitRead(6);
    assertThat(puts).isEmpty();
    assertThat(takes).isEmpty();
    first.answer(Empty.getDefaultInstance());

    Asked<FunctionPutOutputsRequest, Empty> rest = asked(puts);
    assertThat(rest.request.getOutputsList())
        .extracting(FunctionPutOutputsItem::getInputId)
        .containsExactly("in-2", "in-3", "in-4");
    assertThat(takes).isEmpty();
    rest.answer(Empty.getDefaultInstance());
    assertThat(List.of(read(), read(), read(), read()))
        .containsExactlyInAnyOrder(ok(1), ok(2), ok(3), ok(4));
    asked(takes).answer(inputs(0, 1));
    assertThat(read()).isEqualTo(new Answer(5, 0, "input 0"));
  }

  @Test
  void anOutputThatIsRefusedTakesNoOtherWithIt() throws Exception {
    send(1, TELL, output("in-1"));
    Asked<FunctionPutOutputsRequest, Empty> first = asked(puts);
    send(2, TELL, output("in-bad"));
    send(3, TELL, output("in-3"));
    awaitRead(9);
    first.answer(Empty.getDefaultInstance());
    asked(puts).fail(Status.INVALID_ARGUMENT);
    for (int i = 0; i < 2; i++) {
      Asked<FunctionPutOutputsRequest, Empty> each = asked(puts);
      if (each.request.getOutputs(0).getInputId().equals("in-bad")) {
        each.fail(Status.INVALID_ARGUMENT.withDescription("this one"));
      } else {
        each.answer(Empty.getDefaultInstance());
      }
    }
    assertThat(List.of(read(), read(), read()))
        .containsExactlyInAnyOrder(
            ok(1), new Answer(2, Status.Code.INVALID_ARGUMENT.value(), "this one"), ok(3));
    // Nobody waited for that answer, so it is the next question's too.
    send(4, GET, question());
    assertThat(read()).isEqualTo(new Answer(4, Status.Code.INVALID_ARGUMENT.value(), "this one"));
    send(5, GET, question());
    asked(takes).answer(inputs(0, 1));
    assertThat(read()).isEqualTo(new Answer(5, 0, "input 0"));
  }

  @Test
  void anOutputThatIsWaitedForFailsAtOnceSoThatTheContainerDecides() throws Exception {
    send(1, PUT, output("in-1"));
    asked(puts).fail(Status.UNAVAILABLE.withDescription("away"));

    assertThat(read()).isEqualTo(new Answer(1, Status.Code.UNAVAILABLE.value(), "away"));
  }

  /// Returns when the lane has read all that was sent before: a large output does not wait for
  /// those that are under way.
  private void awaitRead(int id) throws Exception {
    FunctionPutOutputsItem.Builder large =
        FunctionPutOutputsItem.newBuilder().setInputId("in-large");
    large.getResultBuilder().setData(ByteString.copyFrom(new byte[LaneOutputs.TOGETHER_BYTES]));
    send(id, PUT, FunctionPutOutputsRequest.newBuilder().addOutputs(large).build().toByteString());
    Asked<FunctionPutOutputsRequest, Empty> put = asked(puts);
    assertThat(put.request.getOutputs(0).getInputId()).isEqualTo("in-large");
    put.answer(Empty.getDefaultInstance());
    assertThat(read()).isEqualTo(ok(id));
  }

  private static Answer ok(int id) {
    return new Answer(id, 0, "");
  }

  private static ByteString question() {
    return FunctionGetInputsRequest.newBuilder().setFunctionId("fu-1").build().toByteString();
  }

  private static ByteString output(String input) {
    return FunctionPutOutputsRequest.newBuilder()
        .addOutputs(FunctionPutOutputsItem.newBuilder().setInputId(input))
        .build()
        .toByteString();
  }

  private static TakeInputsResponse inputs(int from, int to) {
    TakeInputsResponse.Builder response = TakeInputsResponse.newBuilder();
    for (int i = from; i < to; i++) {
      response.addAnswers(
          InputsAnswer.newBuilder()
              .setAnswer(ByteString.copyFromUtf8("input " + i))
              .addAttempts(AttemptReference.newBuilder().setInputId("in-" + i)));
    }
    return response.build();
  }

  private static <T> T asked(BlockingQueue<T> queue) throws InterruptedException {
    @Nullable T next = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return Objects.requireNonNull(next, "nothing was asked");
  }

  private static List<String> ids(BlockingQueue<ReturnInputsRequest> queue)
      throws InterruptedException {
    return asked(queue).getAttemptsList().stream().map(AttemptReference::getInputId).toList();
  }

  private void send(int id, int kind, ByteString message) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + message.size());
    frame.putInt(5 + message.size()).putInt(id).put((byte) kind);
    message.copyTo(frame);
    frame.flip();
    while (frame.hasRemaining()) {
      lane.write(frame);
    }
  }

  private Answer read() throws IOException {
    ByteBuffer frame = read(read(4).getInt());
    int id = frame.getInt();
    int status = frame.get();
    return new Answer(id, status, StandardCharsets.UTF_8.decode(frame).toString());
  }

  private ByteBuffer read(int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    while (bytes.hasRemaining()) {
      assertThat(lane.read(bytes)).as("the lane is open").isPositive();
    }
    return bytes.flip();
  }

  private final class Inputs extends TaskInputsGrpc.TaskInputsImplBase {
    @Override
    public void takeInputs(TakeInputsRequest request, StreamObserver<TakeInputsResponse> replies) {
      takes.add(new Asked<>(request, replies));
    }

    @Override
    public void returnInputs(
        ReturnInputsRequest request, StreamObserver<ReturnInputsResponse> replies) {
      Status refusal = refusedReturns.poll();
      if (refusal != null) {
        replies.onError(refusal.asRuntimeException());
        return;
      }
      returned.add(request);
      replies.onNext(ReturnInputsResponse.getDefaultInstance());
      replies.onCompleted();
    }
  }

  private final class Outputs extends ModalClientGrpc.ModalClientImplBase {
    @Override
    public void functionPutOutputs(
        FunctionPutOutputsRequest request, StreamObserver<Empty> replies) {
      puts.add(new Asked<>(request, replies));
    }
  }
}
