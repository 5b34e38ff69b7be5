package dev.slipway.worker.relay;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A control plane that knows a few methods on bytes, and remembers what it saw.
final class FakePlatform implements AutoCloseable {
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final int LIMIT_BYTES = 110 << 20;

  final BlockingQueue<Metadata> headers = new LinkedBlockingQueue<>();
  final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  final AtomicInteger floodSent = new AtomicInteger();
  private final Server server;

  FakePlatform() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .maxInboundMessageSize(LIMIT_BYTES)
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
                      String name, @Nullable String authority) {
                    return ServerMethodDefinition.create(
                        RawBytes.method(name), (call, said) -> answer(name, call, said));
                  }
                })
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  private ServerCall.Listener<byte[]> answer(
      String name, ServerCall<byte[], byte[]> call, Metadata said) {
    headers.add(said);
    call.request(1);
    return switch (name) {
      // Sends back each message, until the caller has no more.
      case "test.Echo/Call" -> echo(call);
      case "test.Fail/Call" -> fail(call);
      // Never answers; says when the call was given up.
      case "test.Hang/Call" -> hang(call);
      // As many messages of 1 MiB as the transport takes.
      case "test.Flood/Call" -> flood(call);
      default -> {
        call.close(Status.UNIMPLEMENTED.withDescription(name), new Metadata());
        yield new ServerCall.Listener<>() {};
      }
    };
  }

  private static ServerCall.Listener<byte[]> echo(ServerCall<byte[], byte[]> call) {
    call.sendHeaders(new Metadata());
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(byte[] message) {
        call.sendMessage(message);
        call.request(1);
      }

      @Override
      public void onHalfClose() {
        call.close(Status.OK, new Metadata());
      }
    };
  }

  private static ServerCall.Listener<byte[]> fail(ServerCall<byte[], byte[]> call) {
    return new ServerCall.Listener<>() {
      @Override
      public void onHalfClose() {
        Metadata trailers = new Metadata();
        trailers.put(DETAILS, new byte[] {1, 2, 3});
        call.close(Status.FAILED_PRECONDITION.withDescription("not like this"), trailers);
      }
    };
  }

  private ServerCall.Listener<byte[]> hang(ServerCall<byte[], byte[]> call) {
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(byte[] message) {
        events.add("asked");
      }

      @Override
      public void onCancel() {
        events.add("cancelled");
      }
    };
  }

  private ServerCall.Listener<byte[]> flood(ServerCall<byte[], byte[]> call) {
    call.sendHeaders(new Metadata());
    return new ServerCall.Listener<>() {
      @Override
      public void onReady() {
        while (call.isReady()) {
          call.sendMessage(new byte[1 << 20]);
          floodSent.incrementAndGet();
        }
      }
    };
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
