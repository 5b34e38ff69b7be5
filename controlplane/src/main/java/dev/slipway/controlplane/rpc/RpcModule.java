package dev.slipway.controlplane.rpc;

/// A feature's edge: the methods it has an answer for.
@FunctionalInterface
public interface RpcModule {
  void contribute(Methods methods);
}
