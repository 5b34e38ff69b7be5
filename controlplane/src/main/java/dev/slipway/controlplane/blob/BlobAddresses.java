package dev.slipway.controlplane.blob;

import dev.slipway.controlplane.rpc.Caller;

/// Where a caller reaches this server's HTTP door: the same blobs have one address for clients and
/// another for containers, which see nothing but their own gateway.
@FunctionalInterface
public interface BlobAddresses {
  /// Scheme, host and port without a slash at the end, such as `http://127.0.0.1:8470`. Host names
  /// and IPv4 addresses only: the client cannot read others.
  String baseUrl(Caller caller);
}
