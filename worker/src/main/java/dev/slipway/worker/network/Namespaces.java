package dev.slipway.worker.network;

import dev.slipway.model.SlipwayException;

/// Hands out network namespaces, each to one container.
public interface Namespaces {
  /// @throws SlipwayException of kind `EXHAUSTED` when every address of the subnet is in use,
  ///   `UNAVAILABLE` when the kernel refuses
  NetworkNamespace acquire() throws InterruptedException;

  /// Takes one back after its container's end. It is never given to another container.
  void release(NetworkNamespace namespace);
}
