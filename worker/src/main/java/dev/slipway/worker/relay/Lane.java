package dev.slipway.worker.relay;

import dev.slipway.model.TaskId;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection on which a container makes its most frequent calls, as plain frames: the length
/// of what follows (4 bytes), the id of the call (4), a kind or a status (1), the message.
///
/// The calls are those that the container could make on its other socket, by the same task and with
/// the same answers. Frames are read on the connection's event loop, and only there calls are
/// remembered and forgotten.
final class Lane extends SimpleChannelInboundHandler<ByteBuf> {
  /// Bytes of a frame's length, and of what comes before its message after that.
  static final int LENGTH_BYTES = 4;

  static final int HEAD_BYTES = 5;

  /// Most calls at a time: more than the inputs of any container, each of which asks once.
  static final int MAX_CALLS = 2_000;

  private static final int CANCEL = 0;
  private static final Map<Integer, MethodDescriptor<byte[], byte[]>> METHODS =
      Map.of(
          1, RawBytes.unaryMethod("modal.client.ModalClient/FunctionGetInputs"),
          2, RawBytes.unaryMethod("modal.client.ModalClient/FunctionPutOutputs"));

  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  private final TaskId task;
  private final Channel platform;
  private final Map<Integer, ClientCall<byte[], byte[]>> calls = new HashMap<>();

  Lane(TaskId task, Channel platform) {
    this.task = task;
    this.platform = platform;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    if (frame.readableBytes() < HEAD_BYTES) {
      throw new IllegalArgumentException(
          "a frame of %d bytes, expected at least %d".formatted(frame.readableBytes(), HEAD_BYTES));
    }
    int id = frame.readInt();
    int kind = frame.readUnsignedByte();
    if (kind == CANCEL) {
      ClientCall<byte[], byte[]> call = calls.remove(id);
      if (call != null) {
        call.cancel("the container gave the call up", null);
      }
      return;
    }
    MethodDescriptor<byte[], byte[]> method = METHODS.get(kind);
    if (method == null || calls.containsKey(id)) {
      throw new IllegalArgumentException(
          method == null ? "a call of kind " + kind : "the id " + id + " of a call twice");
    }
    if (calls.size() >= MAX_CALLS) {
      answer(
          context,
          id,
          Status.RESOURCE_EXHAUSTED.withDescription(
              MAX_CALLS + " calls of this container wait for their answers already"),
          null);
      return;
    }
    byte[] message = new byte[frame.readableBytes()];
    frame.readBytes(message);
    ClientCall<byte[], byte[]> call = platform.newCall(method, CallOptions.DEFAULT);
    calls.put(id, call);
    call.start(new Answer(context, id, call), TaskSockets.provenBy(task));
    call.request(2);
    call.sendMessage(message);
    call.halfClose();
  }

  private final class Answer extends ClientCall.Listener<byte[]> {
    private final ChannelHandlerContext context;
    private final int id;
    private final ClientCall<byte[], byte[]> call;
    private byte @Nullable [] message;

    Answer(ChannelHandlerContext context, int id, ClientCall<byte[], byte[]> call) {
      this.context = context;
      this.id = id;
      this.call = call;
    }

    @Override
    public void onMessage(byte[] received) {
      message = received;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      byte[] received = message;
      context
          .executor()
          .execute(() -> {
            // One that was given up is not remembered any more, and nobody waits for its answer.
            if (calls.remove(id, call)) {
              answer(context, id, status, received);
            }
          });
    }
  }

  private static void answer(
      ChannelHandlerContext context, int id, Status status, byte @Nullable [] received) {
    Status told =
        status.isOk() && received == null
            ? Status.INTERNAL.withDescription("the platform ended the call without an answer")
            : status;
    byte[] message =
        received != null && told.isOk()
            ? received
            : String.valueOf(told.getDescription()).getBytes(StandardCharsets.UTF_8);
    ByteBuf frame = context.alloc().buffer(LENGTH_BYTES + HEAD_BYTES + message.length);
    frame.writeInt(HEAD_BYTES + message.length);
    frame.writeInt(id);
    frame.writeByte(told.getCode().value());
    frame.writeBytes(message);
    context.writeAndFlush(frame, context.voidPromise());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    calls.values().forEach(call -> call.cancel("the container closed its lane", null));
    calls.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.warn("the lane of task {} is closed: {}", task, cause.getMessage());
    context.close();
  }
}
