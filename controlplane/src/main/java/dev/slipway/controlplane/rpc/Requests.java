package dev.slipway.controlplane.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;

/// Where a two-way method reads what the caller sends. For one thread at a time.
///
/// @param <Q> the request message
public interface Requests<Q> {
  /// The next request; empty when the caller will send no more. Blocks until either is known. No
  /// request is taken off the wire before it is asked for here.
  ///
  /// @throws CancelledException when the caller is gone
  /// @throws InterruptedException when the thread was interrupted while it waited
  /// @throws InvalidProtocolBufferException when what came is no such message
  Optional<Q> next() throws InterruptedException, InvalidProtocolBufferException;
}
