package dev.slipway.worker.relay;

import com.google.protobuf.ByteString;
import dev.slipway.protocol.worker.ReturnInputsRequest;
import dev.slipway.protocol.worker.TaskInputsGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The outputs of one lane on their way to the platform, and inputs that go back. While one call is
/// under way, the outputs that come form the next.
///
/// A container that told an output, and did not only ask for it to be put, has gone on: the output
/// is this lane's then, which repeats it until the platform has taken or refused it. The lane
/// counts as busy for so long, also when its container is gone. All of it happens on the lane's
/// event loop.
final class LaneOutputs {
  /// Most bytes of outputs that are put together; a larger one goes alone.
  static final int TOGETHER_BYTES = 1 << 20;

  /// Pause before the platform is asked again that could not be reached.
  private static final Duration REPEAT_PAUSE = Duration.ofMillis(200);

  private static final MethodDescriptor<byte[], byte[]> PUT =
      RawBytes.unaryMethod("modal.client.ModalClient/FunctionPutOutputs");

  /// An output as the container sent it.
  ///
  /// @param told the container does not wait for the answer
  private record Put(int id, byte[] message, boolean told) {}

  private final Platform platform;
  private final EventLoop loop;
  private final LaneAnswers container;
  private final TaskLanes lanes;
  private final Deque<Put> waiting = new ArrayDeque<>();
  private final List<Runnable> whenNoneIsTold = new ArrayList<>();
  private boolean underWay;
  private int told;
  private Optional<Status> refusal = Optional.empty();

  LaneOutputs(Platform platform, EventLoop loop, LaneAnswers container, TaskLanes lanes) {
    this.platform = platform;
    this.loop = loop;
    this.container = container;
    this.lanes = lanes;
  }

  void put(int id, byte[] message, boolean isTold) {
    lanes.begun();
    if (isTold) {
      told++;
    }
    Put put = new Put(id, message, isTold);
    if (message.length > TOGETHER_BYTES) {
      send(List.of(put), false);
    } else {
      waiting.add(put);
      sendWaiting();
    }
  }

  /// Why the platform did not take an output that the container does not wait for.
  Optional<Status> refusal() {
    return refusal;
  }

  /// The container knows it.
  void forgetRefusal() {
    refusal = Optional.empty();
  }

  /// Runs the action once no output is on its way that the container does not wait for.
  void whenNoneIsTold(Runnable action) {
    if (told == 0) {
      action.run();
    } else {
      whenNoneIsTold.add(action);
    }
  }

  private void sendWaiting() {
    if (underWay || waiting.isEmpty()) {
      return;
    }
    List<Put> together = new ArrayList<>();
    int bytes = 0;
    while (!waiting.isEmpty() && bytes + waiting.peek().message.length <= TOGETHER_BYTES) {
      Put next = waiting.remove();
      bytes += next.message.length;
      together.add(next);
    }
    underWay = true;
    send(together, true);
  }

  /// @param inTurn others wait until this call is over
  private void send(List<Put> puts, boolean inTurn) {
    LaneCall.make(
        platform, PUT, joined(puts), loop, (status, answer) -> ended(puts, inTurn, status));
  }

  /// Messages whose only content are items of a list are put together by putting one behind the
  /// other.
  private static byte[] joined(List<Put> puts) {
    if (puts.size() == 1) {
      return puts.getFirst().message;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    puts.forEach(put -> bytes.writeBytes(put.message));
    return bytes.toByteArray();
  }

  private void ended(List<Put> puts, boolean inTurn, Status status) {
    if (!status.isOk() && puts.size() > 1) {
      // One of them may be at fault: each gets an answer of its own.
      puts.forEach(put -> send(List.of(put), false));
    } else if (!status.isOk() && puts.getFirst().told && mayBeTakenLater(status)) {
      loop.schedule(() -> send(puts, inTurn), REPEAT_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      return;
    } else {
      puts.forEach(put -> over(put, status));
    }
    if (inTurn) {
      underWay = false;
      sendWaiting();
    }
  }

  private void over(Put put, Status status) {
    lanes.done();
    container.answer(put.id, status, ByteString.EMPTY);
    if (put.told && !status.isOk()) {
      refusal = Optional.of(status);
    }
    if (put.told && --told == 0) {
      List<Runnable> actions = List.copyOf(whenNoneIsTold);
      whenNoneIsTold.clear();
      actions.forEach(Runnable::run);
    }
  }

  /// Hands inputs back to the platform, for sure.
  void giveBack(ReturnInputsRequest request) {
    lanes.begun();
    sendBack(request);
  }

  private void sendBack(ReturnInputsRequest request) {
    LaneCall.make(
        platform,
        TaskInputsGrpc.getReturnInputsMethod(),
        request,
        loop,
        (status, answer) -> {
          if (mayBeTakenLater(status)) {
            loop.schedule(() -> sendBack(request), REPEAT_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
          } else {
            lanes.done();
          }
        });
  }

  /// The platform is away or overloaded, and does not refuse what it was asked.
  private boolean mayBeTakenLater(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, ABORTED -> !lanes.isAbandoned();
      case OK,
          CANCELLED,
          UNKNOWN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          false;
    };
  }
}
