package dev.slipway.launcher.load;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.worker.relay.TaskSocket;
import dev.slipway.worker.relay.TaskSockets;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.MetadataUtils;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// Containers that call as real ones do: on the sockets that a worker opens for their tasks.
public final class ContainersOnLanes implements Containers, AutoCloseable {
  private static final int GET_INPUTS = 1;
  private static final int PUT_OUTPUTS = 2;

  /// A frame: the length of the rest, the id of the call, a kind or a status, the message.
  private static final int LENGTH_BYTES = 4;

  private static final int HEAD_BYTES = 5;

  private final TaskSockets sockets;
  private final EventLoopGroup loop = new EpollEventLoopGroup(1);

  public ContainersOnLanes(TaskSockets sockets) {
    this.sockets = sockets;
  }

  @Override
  public Container open(String task) {
    TaskSocket socket = sockets.open(new TaskId(task));
    try {
      return new OnLane(socket);
    } catch (IOException e) {
      socket.close();
      throw new UncheckedIOException("the lane of " + task + " cannot be reached", e);
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private final class OnLane implements Container {
    private final TaskSocket socket;
    private final SocketChannel lane;
    private final ManagedChannel relay;
    private int calls;

    OnLane(TaskSocket socket) throws IOException {
      this.socket = socket;
      this.lane =
          SocketChannel.open(
              UnixDomainSocketAddress.of(socket.directory().resolve(TaskSocket.LANE)));
      this.relay =
          NettyChannelBuilder.forAddress(
                  new DomainSocketAddress(socket.directory().resolve(TaskSocket.SOCKET).toFile()))
              .eventLoopGroup(loop)
              .channelType(EpollDomainSocketChannel.class)
              .usePlaintext()
              .build();
    }

    @Override
    public void hello() {
      var _ =
          ModalClientGrpc.newBlockingStub(relay)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(LoadClient.runner()))
              .containerHello(Empty.getDefaultInstance());
    }

    @Override
    public FunctionGetInputsResponse getInputs() {
      try {
        return FunctionGetInputsResponse.parseFrom(
            ask(GET_INPUTS, FunctionGetInputsRequest.getDefaultInstance()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void putOutputs(FunctionPutOutputsRequest outputs) {
      try {
        ask(PUT_OUTPUTS, outputs);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private byte[] ask(int kind, MessageLite message) throws IOException {
      byte[] body = message.toByteArray();
      ByteBuffer frame = ByteBuffer.allocate(LENGTH_BYTES + HEAD_BYTES + body.length);
      frame.putInt(HEAD_BYTES + body.length).putInt(calls++).put((byte) kind).put(body).flip();
      while (frame.hasRemaining()) {
        lane.write(frame);
      }
      ByteBuffer answer = read(read(LENGTH_BYTES).getInt());
      answer.getInt();
      int status = answer.get();
      byte[] received = new byte[answer.remaining()];
      answer.get(received);
      if (status != Status.Code.OK.value()) {
        throw Status.fromCodeValue(status)
            .withDescription(new String(received, StandardCharsets.UTF_8))
            .asRuntimeException();
      }
      return received;
    }

    private ByteBuffer read(int size) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(size);
      while (bytes.hasRemaining()) {
        if (lane.read(bytes) < 0) {
          throw new EOFException("the lane was closed");
        }
      }
      return bytes.flip();
    }

    @Override
    public void close() {
      relay.shutdownNow();
      try {
        lane.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        socket.close();
      }
    }
  }
}
