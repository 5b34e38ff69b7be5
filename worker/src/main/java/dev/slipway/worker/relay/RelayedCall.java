package dev.slipway.worker.relay;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// One call of a container, passed on message by message in both directions. Neither side is read
/// faster than the other one takes: each asks for the next message when the one before could be
/// written.
///
/// The two halves run on different threads, and gRPC wants a call to be used by one at a time, so
/// both go through this object's lock.
final class RelayedCall {
  private final ServerCall<byte[], byte[]> container;
  private final ClientCall<byte[], byte[]> platform;
  private boolean askContainer;
  private boolean askPlatform;
  private boolean closed;

  private RelayedCall(ServerCall<byte[], byte[]> container, ClientCall<byte[], byte[]> platform) {
    this.container = container;
    this.platform = platform;
  }

  /// Begins to pass a call on.
  static ServerCall.Listener<byte[]> begin(
      ServerCall<byte[], byte[]> container, ClientCall<byte[], byte[]> platform, Metadata headers) {
    RelayedCall call = new RelayedCall(container, platform);
    platform.start(call.new FromPlatform(), headers);
    platform.request(1);
    container.request(1);
    return call.new FromContainer();
  }

  private final class FromContainer extends ServerCall.Listener<byte[]> {
    @Override
    public void onMessage(byte[] message) {
      synchronized (RelayedCall.this) {
        platform.sendMessage(message);
        if (platform.isReady()) {
          container.request(1);
        } else {
          askContainer = true;
        }
      }
    }

    @Override
    public void onHalfClose() {
      synchronized (RelayedCall.this) {
        platform.halfClose();
      }
    }

    @Override
    public void onCancel() {
      synchronized (RelayedCall.this) {
        closed = true;
        platform.cancel("the container cancelled the call", null);
      }
    }

    @Override
    public void onReady() {
      synchronized (RelayedCall.this) {
        if (askPlatform) {
          askPlatform = false;
          platform.request(1);
        }
      }
    }
  }

  private final class FromPlatform extends ClientCall.Listener<byte[]> {
    @Override
    public void onHeaders(Metadata headers) {
      synchronized (RelayedCall.this) {
        if (!closed) {
          container.sendHeaders(headers);
        }
      }
    }

    @Override
    public void onMessage(byte[] message) {
      synchronized (RelayedCall.this) {
        if (closed) {
          return;
        }
        container.sendMessage(message);
        if (container.isReady()) {
          platform.request(1);
        } else {
          askPlatform = true;
        }
      }
    }

    @Override
    public void onClose(Status status, @Nullable Metadata trailers) {
      synchronized (RelayedCall.this) {
        if (!closed) {
          closed = true;
          container.close(status, trailers == null ? new Metadata() : trailers);
        }
      }
    }

    @Override
    public void onReady() {
      synchronized (RelayedCall.this) {
        if (askContainer) {
          askContainer = false;
          container.request(1);
        }
      }
    }
  }
}
