package dev.slipway.launcher.door;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.common.util.TransportType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.grpc.GrpcService;
import dev.slipway.controlplane.rpc.RpcServices;
import dev.slipway.controlplane.rpc.TooLarge;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one port: gRPC for clients and workers (HTTP/2 with prior knowledge), and HTTP beside it.
///
/// Armeria moves bytes on its event loops and nothing else: every gRPC call runs on a virtual
/// thread of its own, which the services start.
public final class Door implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Door.class);

  /// A message and what frames it.
  private static final long MAX_FRAMED_MESSAGE_BYTES = RpcServices.MAX_MESSAGE_BYTES + 1024L;

  /// Open long polls of one client. Its containers and maps can have thousands.
  private static final int MAX_STREAMS_PER_CONNECTION = 20_000;

  /// How much one connection, and one call on it, may send ahead of what is read. A 90 MB message
  /// over a slow line should not wait for a round trip every 64 KiB.
  private static final int CONNECTION_WINDOW_BYTES = 32 << 20;

  private static final int STREAM_WINDOW_BYTES = 4 << 20;

  /// The official client cuts its messages into frames of this size, each of which costs both sides
  /// something: a build context of some megabytes would be hundreds of the usual ones.
  private static final int FRAME_BYTES = 256 << 10;

  private static final int MAX_HEADER_BYTES = 64 << 10;

  /// Calls that one connection may cancel in a window of time, before it is taken for an attack. A
  /// client that leaves a map cancels one long poll for each of its inputs.
  private static final int MAX_CANCELLATIONS = 40_000;

  private static final int CANCELLATION_WINDOW_SECONDS = 10;

  /// A connection on which nothing happens, not even a ping, is closed after this. Old clients send
  /// no pings; they connect again.
  private static final Duration IDLE_CONNECTION = Duration.ofMinutes(15);

  /// A peer that answers no ping for so long is gone (its lid is closed, its network is down), and
  /// its calls are cancelled.
  private static final Duration PEER_CHECK = Duration.ofSeconds(30);

  /// For plain HTTP whose service says nothing about it.
  private static final Duration HTTP_REQUEST_TIME = Duration.ofSeconds(30);

  /// How long closing waits: for calls to end, then for their last bytes to leave.
  private static final Duration MAX_DRAIN = Duration.ofSeconds(5);

  private static final Duration MAX_FLUSH = Duration.ofSeconds(1);

  private final RpcServices services;
  private final Server server;

  private Door(RpcServices services, Server server) {
    this.services = services;
    this.server = server;
  }

  /// Opens the port and serves.
  ///
  /// @param listen where; port 0 for any free one
  /// @throws SlipwayException UNAVAILABLE when the port is taken
  public static Door open(InetSocketAddress listen, RpcServices services, List<HttpRoute> routes) {
    ServerBuilder builder =
        Server.builder()
            .http(listen)
            .http2MaxStreamsPerConnection(MAX_STREAMS_PER_CONNECTION)
            .http2InitialConnectionWindowSize(CONNECTION_WINDOW_BYTES)
            .http2InitialStreamWindowSize(STREAM_WINDOW_BYTES)
            .http2MaxFrameSize(FRAME_BYTES)
            .http2MaxHeaderListSize(MAX_HEADER_BYTES)
            .http2MaxResetFramesPerWindow(MAX_CANCELLATIONS, CANCELLATION_WINDOW_SECONDS)
            .idleTimeout(IDLE_CONNECTION, true)
            .pingInterval(PEER_CHECK)
            .requestTimeout(HTTP_REQUEST_TIME)
            .maxRequestLength(MAX_FRAMED_MESSAGE_BYTES)
            .gracefulShutdownTimeout(Duration.ZERO, MAX_FLUSH)
            .disableServerHeader()
            .disableDateHeader();
    // With its keeper.
    builder.channelOption(sharing(), true);
    builder.service("/healthz", (context, request) -> HttpResponse.of(HttpStatus.OK));
    for (HttpRoute route : routes) {
      builder.service("prefix:" + route.prefix(), route.service());
    }
    Set<String> duplex = duplexPaths(services);
    builder.service(grpc(services), delegate -> withLimits(delegate, duplex));
    builder.service("prefix:/", new UnservedPaths());
    Server server = builder.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      server.close();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "Cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ": " + reason(e),
          e);
    }
    return new Door(services, server);
  }

  /// Lets several sockets listen on one port, in the words of the transport that is used.
  private static ChannelOption<Boolean> sharing() {
    return Flags.transportType() == TransportType.NIO
        ? NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT)
        : UnixChannelOption.SO_REUSEPORT;
  }

  /// The port that it listens on.
  public int port() {
    return server.activeLocalPort();
  }

  /// Ends the calls that are under way, lets their answers leave, and closes the port.
  @Override
  public void close() {
    try {
      if (!services.drain(MAX_DRAIN)) {
        log.warn("{} calls did not end in time and are cut off", services.liveCalls());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.close();
  }

  private static GrpcService grpc(RpcServices services) {
    return GrpcService.builder()
        .addServiceDefinitions(services.definitions())
        .supportedSerializationFormats(GrpcSerializationFormats.PROTO)
        .maxRequestMessageLength(RpcServices.MAX_MESSAGE_BYTES)
        .maxResponseMessageLength(RpcServices.MAX_MESSAGE_BYTES)
        .enableUnframedRequests(false)
        .useBlockingTaskExecutor(false)
        .exceptionHandler(Door::status)
        .build();
  }

  private static Set<String> duplexPaths(RpcServices services) {
    return services.definitions().stream()
        .flatMap(service -> service.getMethods().stream())
        .map(method -> method.getMethodDescriptor())
        .filter(descriptor -> !descriptor.getType().clientSendsOneMessage())
        .map(descriptor -> "/" + descriptor.getFullMethodName())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Where a caller sends one message, the port's own limit holds, so that a message that is too
  /// large is refused before it is held. Streams of messages may be of any length.
  private static HttpService withLimits(HttpService grpc, Set<String> duplexPaths) {
    return grpc.decorate((delegate, context, request) -> {
      if (duplexPaths.contains(context.path())) {
        context.setMaxRequestLength(0);
      }
      return delegate.serve(context, request);
    });
  }

  /// What is answered when a call breaks before it is a call to us, in the framing of its messages.
  private static Status status(
      RequestContext context, Status status, Throwable cause, Metadata trailers) {
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED || isTooLarge(cause)) {
      // Not RESOURCE_EXHAUSTED: some of the clients' calls would send the same again, for ever.
      return Status.INVALID_ARGUMENT.withDescription(
          "The request is larger than the "
              + RpcServices.MAX_MESSAGE_BYTES
              + " bytes that one message may have"
              + TooLarge.PHRASE);
    }
    return switch (status.getCode()) {
      case INTERNAL, UNKNOWN, INVALID_ARGUMENT ->
          Status.INVALID_ARGUMENT.withDescription(
              "The request is no valid gRPC message: " + cause.getMessage());
      default -> status;
    };
  }

  private static boolean isTooLarge(Throwable cause) {
    return cause instanceof ContentTooLargeException
        || (cause instanceof HttpStatusException answer
            && answer.httpStatus().equals(HttpStatus.REQUEST_ENTITY_TOO_LARGE));
  }

  private static String reason(CompletionException failure) {
    return String.valueOf(
        failure.getCause() == null ? failure.getMessage() : failure.getCause().getMessage());
  }
}
