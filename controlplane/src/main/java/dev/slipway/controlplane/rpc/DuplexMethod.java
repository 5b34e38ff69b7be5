package dev.slipway.controlplane.rpc;

/// Many requests, many replies, in any order. The stream ends when the method returns. Runs on a
/// virtual thread of its own, which is interrupted when the caller cancels; the replies may be sent
/// from another thread, one thread at a time.
///
/// @param <Q> the request message
/// @param <R> the reply message
@FunctionalInterface
public interface DuplexMethod<Q, R> {
  void call(RpcContext context, Requests<Q> requests, Replies<R> replies) throws Exception;
}
