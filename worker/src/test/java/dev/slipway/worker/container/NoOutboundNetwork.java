package dev.slipway.worker.container;

import dev.slipway.worker.network.Namespaces;
import dev.slipway.worker.network.NetworkNamespace;

/// The network has tests of its own.
final class NoOutboundNetwork implements Namespaces {
  @Override
  public NetworkNamespace acquire() {
    throw new IllegalStateException("no container of these tests asks for outbound network");
  }

  @Override
  public void release(NetworkNamespace namespace) {
    throw new IllegalStateException("nothing was acquired");
  }
}
