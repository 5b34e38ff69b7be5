package dev.slipway.worker.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.TaskId;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Calls through a real socket. Needs root, since sockets are given to the containers' user.
@Tag("integration")
@Timeout(60)
class TaskSocketsTest {
  private static final TaskId TASK = new TaskId("ta-0123456789abcdefABCDEF");
  private static final int LIMIT_BYTES = 110 << 20;

  /// Messages of 1 MiB that fit between a sender and a reader who does not read.
  private static final int MOST_ON_THE_WAY = 30;

  private final EpollEventLoopGroup loop = new EpollEventLoopGroup(1);
  private Path directory;
  private FakePlatform platform;
  private ManagedChannel toPlatform;
  private TaskSockets sockets;
  private TaskSocket socket;
  private ManagedChannel container;

  @BeforeEach
  void open() throws Exception {
    // Short: the path of a socket has little room.
    directory = Files.createTempDirectory("sw");
    platform = new FakePlatform();
    toPlatform =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", platform.port()))
            .usePlaintext()
            .maxInboundMessageSize(LIMIT_BYTES)
            .build();
    sockets = new TaskSockets(directory.resolve("s"), toPlatform);
    socket = sockets.open(TASK);
    container = connect(socket.directory().resolve(TaskSocket.SOCKET));
  }

  @AfterEach
  void close() throws Exception {
    container.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    socket.close();
    assertThat(directory.resolve("s")).isEmptyDirectory();
    sockets.close();
    toPlatform.shutdownNow();
    platform.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    Files.deleteIfExists(directory.resolve("s"));
    Files.delete(directory);
  }

  @Test
  void bytesPassAsTheyAre() {
    assertThat(unary("test.Echo/Call", bytes("grüße"))).isEqualTo(bytes("grüße"));
  }

  @Test
  void thePlatformLearnsWhichTaskCallsAndNothingThatTheContainerClaims() throws Exception {
    Metadata claimed = new Metadata();
    claimed.put(ascii("slipway-task-id"), "ta-somebodyelse");
    claimed.put(ascii("slipway-worker-token"), "secret");
    claimed.put(Metadata.Key.of("slipway-x-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {1});
    claimed.put(ascii("x-modal-token-id"), "ak-1");
    claimed.put(ascii("x-modal-token-secret"), "as-1");
    claimed.put(ascii("authorization"), "Bearer x");
    claimed.put(ascii("x-modal-client-version"), "1.6.4");
    Channel claiming =
        ClientInterceptors.intercept(container, MetadataUtils.newAttachHeadersInterceptor(claimed));

    ClientCalls.blockingUnaryCall(
        claiming, RawBytes.method("test.Echo/Call"), CallOptions.DEFAULT, bytes("x"));

    Metadata seen = platform.headers.take();
    assertThat(seen.getAll(ascii("slipway-task-id"))).containsExactly(TASK.value());
    assertThat(seen.get(ascii("x-modal-client-version"))).isEqualTo("1.6.4");
    assertThat(seen.keys())
        .doesNotContain(
            "slipway-worker-token",
            "slipway-x-bin",
            "x-modal-token-id",
            "x-modal-token-secret",
            "authorization");
  }

  @Test
  void aFailurePassesWithItsSentenceAndDetails() {
    assertThatThrownBy(() -> unary("test.Fail/Call", bytes("x")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> {
              assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(failure.getStatus().getDescription()).isEqualTo("not like this");
              assertThat(Status.trailersFromThrowable(failure))
                  .isNotNull()
                  .extracting(trailers -> trailers.get(FakePlatform.DETAILS))
                  .isEqualTo(new byte[] {1, 2, 3});
            });
    assertThatThrownBy(() -> unary("test.Unknown/Call", bytes("x")))
        .hasMessageContaining("UNIMPLEMENTED")
        .hasMessageContaining("test.Unknown/Call");
  }

  @Test
  void streamsPassInBothDirectionsInOrder() throws Exception {
    BlockingQueue<String> replies = new LinkedBlockingQueue<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            container.newCall(RawBytes.method("test.Echo/Call"), CallOptions.DEFAULT),
            observer(replies));
    requests.onNext(bytes("first"));
    assertThat(replies.poll(10, TimeUnit.SECONDS)).isEqualTo("first");
    for (int i = 0; i < 1_000; i++) {
      requests.onNext(bytes("n" + i));
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(replies.poll(10, TimeUnit.SECONDS)).isEqualTo("n" + i);
    }

    requests.onCompleted();

    assertThat(replies.poll(10, TimeUnit.SECONDS)).isEqualTo("completed");
  }

  @Test
  void aCancelledCallIsCancelledAtThePlatform() throws Exception {
    ClientCall<byte[], byte[]> call =
        container.newCall(RawBytes.method("test.Hang/Call"), CallOptions.DEFAULT);
    ClientCalls.asyncUnaryCall(call, bytes("x"), observer(new LinkedBlockingQueue<>()));
    assertThat(platform.events.poll(10, TimeUnit.SECONDS)).isEqualTo("asked");

    call.cancel("the user went away", null);

    assertThat(platform.events.poll(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
  }

  @Test
  void aContainerThatGoesAwayCancelsItsCalls() throws Exception {
    ClientCalls.asyncUnaryCall(
        container.newCall(RawBytes.method("test.Hang/Call"), CallOptions.DEFAULT),
        bytes("x"),
        observer(new LinkedBlockingQueue<>()));
    assertThat(platform.events.poll(10, TimeUnit.SECONDS)).isEqualTo("asked");

    container.shutdownNow();

    assertThat(platform.events.poll(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
  }

  @Test
  void aDeadlineHoldsAtThePlatformToo() throws Exception {
    BlockingQueue<String> replies = new LinkedBlockingQueue<>();
    // Long enough for a slow machine to pass the call on before the deadline is over: a call that
    // ends earlier never reaches the platform, and there would be nothing to see.
    ClientCalls.asyncUnaryCall(
        container.newCall(
            RawBytes.method("test.Hang/Call"),
            CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS)),
        bytes("x"),
        observer(replies));
    assertThat(platform.events.poll(5, TimeUnit.SECONDS)).isEqualTo("asked");
    assertThat(platform.events.poll(20, TimeUnit.SECONDS)).isEqualTo("cancelled");
    assertThat(replies.poll(10, TimeUnit.SECONDS)).contains("DEADLINE_EXCEEDED");
  }

  @Test
  @Timeout(300)
  void messagesOf100MebibytesPass() {
    byte[] large = new byte[100 << 20];
    Arrays.fill(large, (byte) 7);

    assertThat(unary("test.Echo/Call", large)).isEqualTo(large);
  }

  @Test
  void aReaderThatStopsStopsTheSender() throws Exception {
    ClientCall<byte[], byte[]> call =
        container.newCall(RawBytes.method("test.Flood/Call"), CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.request(1);
    call.sendMessage(bytes("go"));
    call.halfClose();
    // Until nothing more comes for a while, or more than all that is on the way could hold.
    int before = 0;
    while (before == 0 || (before < platform.floodSent.get() && before <= MOST_ON_THE_WAY)) {
      before = platform.floodSent.get();
      Thread.sleep(500);
    }

    assertThat(platform.floodSent.get()).isBetween(1, MOST_ON_THE_WAY);
    call.cancel("enough", null);
  }

  @Test
  void onlyTheContainersUserReachesTheDirectoryThroughItsBind() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("s"))))
        .isEqualTo("rwx------");
    assertThat(Files.getAttribute(socket.directory(), "unix:uid")).isEqualTo(100_000);
  }

  @Test
  void framesThatNoLaneKnowsCloseItAndNothingElse() throws Exception {
    UnixDomainSocketAddress lane =
        UnixDomainSocketAddress.of(socket.directory().resolve(TaskSocket.LANE));
    for (byte[] frame :
        List.of(
            // Shorter than a head, of an unknown kind, longer than any message may be.
            new byte[] {0, 0, 0, 2, 1, 1},
            new byte[] {0, 0, 0, 5, 0, 0, 0, 1, 9},
            new byte[] {127, 0, 0, 0, 0, 0, 0, 1, 1})) {
      try (SocketChannel connection = SocketChannel.open(lane)) {
        connection.write(ByteBuffer.wrap(frame));
        assertThat(connection.read(ByteBuffer.allocate(16))).isEqualTo(-1);
      }
    }
    assertThat(unary("test.Echo/Call", bytes("still here"))).isEqualTo(bytes("still here"));
  }

  private byte[] unary(String method, byte[] message) {
    return ClientCalls.blockingUnaryCall(
        container, RawBytes.method(method), CallOptions.DEFAULT, message);
  }

  private ManagedChannel connect(Path path) {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(path.toFile()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(loop)
        .maxInboundMessageSize(LIMIT_BYTES)
        .usePlaintext()
        .build();
  }

  private static StreamObserver<byte[]> observer(BlockingQueue<String> replies) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] message) {
        replies.add(new String(message, StandardCharsets.UTF_8));
      }

      @Override
      public void onError(Throwable failure) {
        replies.add(failure.toString());
      }

      @Override
      public void onCompleted() {
        replies.add("completed");
      }
    };
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
