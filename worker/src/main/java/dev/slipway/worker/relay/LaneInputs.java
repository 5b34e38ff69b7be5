package dev.slipway.worker.relay;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.protocol.worker.InputsAnswer;
import dev.slipway.protocol.worker.ReturnInputsRequest;
import dev.slipway.protocol.worker.TakeInputsRequest;
import dev.slipway.protocol.worker.TakeInputsResponse;
import dev.slipway.protocol.worker.TaskInputsGrpc;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The inputs of one lane: what its container asks for, and what it will ask for next. Where inputs
/// are short the platform hands over several at once, and the container's next questions are
/// answered here.
///
/// What the container does not ask for soon goes back to the platform, so that an input which takes
/// longer than those before keeps none from another container. All of it happens on the lane's
/// event loop.
final class LaneInputs {
  /// Most answers that are kept here, the one that is asked for included.
  static final int MOST = 32;

  /// How long an answer is kept while the container asks for none.
  static final Duration KEPT = Duration.ofMillis(100);

  private final Platform platform;
  private final EventLoop loop;
  private final LaneOutputs outputs;
  private final LaneAnswers container;
  private final Duration kept;
  private final Deque<InputsAnswer> ahead = new ArrayDeque<>();
  private final Map<Integer, ClientCall<?, ?>> asking = new HashMap<>();
  private int handedOver;
  private boolean watched;
  private boolean closed;

  /// @param kept as [#KEPT]
  LaneInputs(
      Platform platform,
      EventLoop loop,
      LaneOutputs outputs,
      LaneAnswers container,
      Duration kept) {
    this.platform = platform;
    this.loop = loop;
    this.outputs = outputs;
    this.container = container;
    this.kept = kept;
  }

  /// Answers the container's question, now or when there is an input.
  void ask(int id, byte[] question) {
    if (!ahead.isEmpty() && outputs.refusal().isEmpty()) {
      handOver(id, ahead.remove());
    } else {
      // The platform gives an input again that it thinks the container should have answered before
      // it asks, so it has to have those answers first.
      outputs.whenNoneIsTold(() -> askPlatform(id, question));
    }
  }

  private void askPlatform(int id, byte[] question) {
    if (closed || !container.isOpen(id)) {
      return;
    }
    Optional<Status> refusal = outputs.refusal();
    if (refusal.isPresent()) {
      outputs.forgetRefusal();
      container.answer(id, refusal.get(), ByteString.EMPTY);
      return;
    }
    TakeInputsRequest request =
        TakeInputsRequest.newBuilder()
            .setQuestion(UnsafeByteOperations.unsafeWrap(question))
            .setMost(MOST)
            .build();
    asking.put(
        id,
        LaneCall.make(
            platform,
            TaskInputsGrpc.getTakeInputsMethod(),
            request,
            loop,
            (status, response) -> {
              asking.remove(id);
              if (response == null) {
                container.answer(id, status, ByteString.EMPTY);
              } else {
                received(id, response);
              }
            }));
  }

  private void received(int id, TakeInputsResponse response) {
    ahead.addAll(response.getAnswersList());
    if (closed) {
      giveBack();
    } else if (container.isOpen(id)) {
      InputsAnswer first = ahead.poll();
      if (first == null) {
        container.answer(
            id, Status.INTERNAL.withDescription("an answer without inputs"), ByteString.EMPTY);
      } else {
        handOver(id, first);
      }
    }
    // Else the container gave the question up meanwhile, and gets this at its next one.
    watch();
  }

  private void handOver(int id, InputsAnswer answer) {
    handedOver++;
    container.answer(id, Status.OK, answer.getAnswer());
  }

  /// One timer at a time looks whether the container has asked since.
  private void watch() {
    if (watched || closed || ahead.isEmpty()) {
      return;
    }
    watched = true;
    int before = handedOver;
    loop.schedule(
        () -> {
          watched = false;
          if (handedOver == before) {
            giveBack();
          }
          watch();
        },
        kept.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void giveBack() {
    ReturnInputsRequest.Builder request = ReturnInputsRequest.newBuilder();
    ahead.forEach(answer -> request.addAllAttempts(answer.getAttemptsList()));
    ahead.clear();
    if (request.getAttemptsCount() > 0) {
      outputs.giveBack(request.build());
    }
  }

  /// The container does not wait for its question's answer any more.
  void cancel(int id) {
    ClientCall<?, ?> call = asking.remove(id);
    if (call != null) {
      call.cancel("the container gave the call up", null);
    }
  }

  /// The container is gone, or has another lane.
  void close() {
    closed = true;
    asking.values().forEach(call -> call.cancel("the container closed its lane", null));
    asking.clear();
    giveBack();
  }
}
