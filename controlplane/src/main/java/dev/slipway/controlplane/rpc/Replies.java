package dev.slipway.controlplane.rpc;

/// Where a streaming method puts its replies. Safe for use by several threads.
///
/// @param <R> the reply message
public interface Replies<R> {
  /// Sends one reply. Blocks while the transport holds as much as it wants to hold, so a slow
  /// reader slows the method down instead of filling the memory.
  ///
  /// @throws CancelledException when the caller is gone
  /// @throws InterruptedException when the thread was interrupted while it waited
  void send(R reply) throws InterruptedException;

  /// Whether the caller is gone.
  boolean isCancelled();
}
