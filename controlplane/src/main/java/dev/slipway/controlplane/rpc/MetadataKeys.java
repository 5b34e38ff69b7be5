package dev.slipway.controlplane.rpc;

import io.grpc.Metadata;

/// The metadata keys that are read here, as the official clients and our workers spell them.
public final class MetadataKeys {
  public static final Metadata.Key<String> CLIENT_VERSION = key("x-modal-client-version");
  public static final Metadata.Key<String> CLIENT_TYPE = key("x-modal-client-type");
  public static final Metadata.Key<String> TOKEN_ID = key("x-modal-token-id");
  public static final Metadata.Key<String> TOKEN_SECRET = key("x-modal-token-secret");
  public static final Metadata.Key<String> IDEMPOTENCY_KEY = key("x-idempotency-key");

  /// Proves a worker.
  public static final Metadata.Key<String> WORKER_TOKEN = key("slipway-worker-token");

  /// What a worker calls itself: all workers prove themselves with one token.
  public static final Metadata.Key<String> WORKER_ID = key("slipway-worker-id");

  /// Set by a worker on the calls that it relays: the task whose container made the call.
  public static final Metadata.Key<String> TASK_ID = key("slipway-task-id");

  private MetadataKeys() {}

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
