package dev.slipway.worker.relay;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection on which a container makes its most frequent calls, as plain frames: the length
/// of what follows (4 bytes), the id of the call (4), a kind or a status (1), the message.
///
/// The calls are those that the container could make on its other socket, by the same task and with
/// the same answers. Frames are read on the connection's event loop, and only there calls are
/// remembered and forgotten.
final class Lane extends SimpleChannelInboundHandler<ByteBuf> implements LaneAnswers {
  /// Bytes of a frame's length, and of what comes before its message after that.
  static final int LENGTH_BYTES = 4;

  static final int HEAD_BYTES = 5;

  /// Most calls at a time: more than the inputs of any container, each of which asks once.
  static final int MAX_CALLS = 2_000;

  private static final int CANCEL = 0;
  private static final int GET_INPUTS = 1;
  private static final int PUT_OUTPUTS = 2;

  /// As the one before, and the container goes on without waiting for the answer.
  private static final int TELL_OUTPUTS = 3;

  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  private final Platform platform;
  private final TaskLanes lanes;
  private final Duration inputsKept;
  private final Set<Integer> calls = new HashSet<>();
  private @Nullable Connected connected;

  /// What there is once the connection has its event loop.
  private record Connected(ChannelHandlerContext context, LaneOutputs outputs, LaneInputs inputs) {}

  /// @param inputsKept as [LaneInputs#KEPT]
  Lane(Platform platform, TaskLanes lanes, Duration inputsKept) {
    this.platform = platform;
    this.lanes = lanes;
    this.inputsKept = inputsKept;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    EventLoop loop = context.channel().eventLoop();
    LaneOutputs outputs = new LaneOutputs(platform, loop, this, lanes);
    connected =
        new Connected(context, outputs, new LaneInputs(platform, loop, outputs, this, inputsKept));
    lanes.opened();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    if (frame.readableBytes() < HEAD_BYTES) {
      throw new IllegalArgumentException(
          "a frame of %d bytes, expected at least %d".formatted(frame.readableBytes(), HEAD_BYTES));
    }
    Connected here = Objects.requireNonNull(connected);
    int id = frame.readInt();
    int kind = frame.readUnsignedByte();
    if (kind == CANCEL) {
      if (calls.remove(id)) {
        here.inputs.cancel(id);
      }
      return;
    }
    if (kind > TELL_OUTPUTS || !calls.add(id)) {
      throw new IllegalArgumentException(
          kind > TELL_OUTPUTS ? "a call of kind " + kind : "the id " + id + " of a call twice");
    }
    if (calls.size() > MAX_CALLS) {
      answer(
          id,
          Status.RESOURCE_EXHAUSTED.withDescription(
              MAX_CALLS + " calls of this container wait for their answers already"),
          ByteString.EMPTY);
      return;
    }
    byte[] message = new byte[frame.readableBytes()];
    frame.readBytes(message);
    if (kind == GET_INPUTS) {
      here.inputs.ask(id, message);
    } else {
      here.outputs.put(id, message, kind == TELL_OUTPUTS);
    }
  }

  @Override
  public boolean isOpen(int id) {
    return calls.contains(id);
  }

  @Override
  public void answer(int id, Status status, ByteString message) {
    // One that was given up is not remembered any more, and nobody waits for its answer.
    if (!calls.remove(id) || connected == null) {
      return;
    }
    ByteString told =
        status.isOk() ? message : ByteString.copyFromUtf8(String.valueOf(status.getDescription()));
    ChannelHandlerContext context = connected.context;
    ByteBuf frame = context.alloc().buffer(LENGTH_BYTES + HEAD_BYTES + told.size());
    frame.writeInt(HEAD_BYTES + told.size());
    frame.writeInt(id);
    frame.writeByte(status.getCode().value());
    frame.writeBytes(told.asReadOnlyByteBuffer());
    context.writeAndFlush(frame, context.voidPromise());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    calls.clear();
    Objects.requireNonNull(connected).inputs.close();
    lanes.closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.warn("the lane of task {} is closed: {}", platform.task(), cause.getMessage());
    context.close();
  }
}
