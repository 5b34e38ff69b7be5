package dev.slipway.launcher.door;

import dev.slipway.controlplane.rpc.RpcServices;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way in for the worker of the same process: the same methods, without a socket. The worker
/// sees a channel like any other.
public final class LocalDoor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalDoor.class);
  private static final Duration MAX_DRAIN = Duration.ofSeconds(5);
  private static final Duration MAX_FLUSH = Duration.ofSeconds(1);

  private final RpcServices services;
  private final ExecutorService threads;
  private final Server server;
  private final ManagedChannel channel;

  private LocalDoor(
      RpcServices services, ExecutorService threads, Server server, ManagedChannel channel) {
    this.services = services;
    this.threads = threads;
    this.server = server;
    this.channel = channel;
  }

  /// Starts to serve.
  public static LocalDoor open(RpcServices services) {
    String name = InProcessServerBuilder.generateName();
    // Not the callers' threads: a call-back under a lock of one side could then reach for the
    // other's.
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      Server server =
          InProcessServerBuilder.forName(name)
              .executor(threads)
              .addServices(services.definitions())
              .fallbackHandlerRegistry(services.fallback())
              .build()
              .start();
      ManagedChannel channel =
          InProcessChannelBuilder.forName(name)
              .executor(threads)
              .maxInboundMessageSize(RpcServices.MAX_MESSAGE_BYTES)
              .build();
      return new LocalDoor(services, threads, server, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What the worker calls through.
  public ManagedChannel channel() {
    return channel;
  }

  /// Ends the calls that are under way, then the channel.
  @Override
  public void close() {
    try {
      if (!services.drain(MAX_DRAIN)) {
        log.warn("{} calls of the local worker did not end in time", services.liveCalls());
      }
      channel.shutdown();
      server.shutdown();
      server.awaitTermination(MAX_FLUSH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channel.shutdownNow();
    server.shutdownNow();
    threads.shutdown();
  }
}
