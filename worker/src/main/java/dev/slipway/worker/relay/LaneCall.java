package dev.slipway.worker.relay;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One call to the platform that a lane makes, with one message each way.
final class LaneCall<A> extends ClientCall.Listener<A> {
  /// How a call ended. The answer is there unless the status says why it is not.
  interface End<A> {
    void ended(Status status, @Nullable A answer);
  }

  private final Executor loop;
  private final End<A> end;
  private @Nullable A answer;

  private LaneCall(Executor loop, End<A> end) {
    this.loop = loop;
    this.end = end;
  }

  /// Makes the call.
  ///
  /// @param loop where its end is told: the lane's own event loop
  static <Q, A> ClientCall<Q, A> make(
      Platform platform, MethodDescriptor<Q, A> method, Q question, Executor loop, End<A> end) {
    ClientCall<Q, A> call = platform.channel().newCall(method, CallOptions.DEFAULT);
    call.start(new LaneCall<>(loop, end), TaskSockets.provenBy(platform.task()));
    call.request(2);
    call.sendMessage(question);
    call.halfClose();
    return call;
  }

  @Override
  public void onMessage(A message) {
    answer = message;
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    A received = answer;
    Status told =
        status.isOk() && received == null
            ? Status.INTERNAL.withDescription("the platform ended the call without an answer")
            : status;
    loop.execute(() -> end.ended(told, received));
  }
}
