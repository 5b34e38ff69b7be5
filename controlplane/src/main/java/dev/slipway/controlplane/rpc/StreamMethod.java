package dev.slipway.controlplane.rpc;

/// One request, many replies. The stream ends when the method returns. Runs on a virtual thread of
/// its own and may block; when the caller cancels, the thread is interrupted.
///
/// @param <Q> the request message
/// @param <R> the reply message
@FunctionalInterface
public interface StreamMethod<Q, R> {
  void call(RpcContext context, Q request, Replies<R> replies) throws Exception;
}
