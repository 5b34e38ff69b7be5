package dev.slipway.launcher;

import dev.slipway.controlplane.rpc.MetadataKeys;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;

/// What a worker proves itself with, on every call.
///
/// @param workerId what it calls itself
/// @param token the server's, the same for all its workers
public record WorkerCredentials(String workerId, String token) {
  /// The channel with the proof on it.
  public Channel on(Channel plain) {
    Metadata metadata = new Metadata();
    metadata.put(MetadataKeys.WORKER_TOKEN, token);
    metadata.put(MetadataKeys.WORKER_ID, workerId);
    return ClientInterceptors.intercept(plain, MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  /// Without the token, for logs.
  @Override
  public String toString() {
    return workerId;
  }
}
