package dev.slipway.controlplane.rpc;

/// Answers a request by handing something over.
@FunctionalInterface
public interface HandoverMethod<Q, R> {
  Handover<R> call(RpcContext context, Q request) throws Exception;
}
