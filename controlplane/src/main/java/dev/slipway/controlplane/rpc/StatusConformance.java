package dev.slipway.controlplane.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the mapping of failures to its promise: no code leaves that makes clients repeat a call in
/// vain, and no failure leaves without a sentence. What breaks the promise is a defect: it is
/// logged and counted, and leaves as `ABORTED`.
final class StatusConformance implements ServerInterceptor {
  private static final Logger log = LoggerFactory.getLogger(StatusConformance.class);

  private final AtomicLong violations = new AtomicLong();

  long violations() {
    return violations.get();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            super.close(conforming(call, status), trailers);
          }
        },
        headers);
  }

  private Status conforming(ServerCall<?, ?> call, Status status) {
    String sentence = status.getDescription();
    boolean hasSentence = status.isOk() || (sentence != null && !sentence.isBlank());
    if (call.isCancelled() || (hasSentence && FailureStatuses.mayLeave(status.getCode()))) {
      return status;
    }
    violations.incrementAndGet();
    String method = call.getMethodDescriptor().getFullMethodName();
    log.error("{} was about to answer {}, which no method may", method, status);
    return FailureStatuses.sentence(
        Status.ABORTED, hasSentence ? sentence : method + " failed and the server did not say why");
  }
}
