package dev.slipway.controlplane.rpc;

/// One request, one reply. Runs on a virtual thread of its own and may block; when the caller
/// cancels, the thread is interrupted.
///
/// @param <Q> the request message
/// @param <R> the reply message
@FunctionalInterface
public interface UnaryMethod<Q, R> {
  R call(RpcContext context, Q request) throws Exception;
}
