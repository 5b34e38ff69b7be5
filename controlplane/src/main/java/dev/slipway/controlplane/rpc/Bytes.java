package dev.slipway.controlplane.rpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/// Messages as the bytes that travel. Transports move bytes only; they are read and written as
/// messages on the handler's own thread, so that a large or malformed one costs nobody else
/// anything.
enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
  MARSHALLER;

  @Override
  public InputStream stream(byte[] value) {
    return new KnownBytes(value);
  }

  @Override
  public byte[] parse(InputStream stream) {
    // One byte more than allowed is enough to know that it is too much.
    int most = RpcServices.MAX_MESSAGE_BYTES + 1;
    try {
      // The whole message is here already: pieces that grow would copy a large one twice.
      byte[] message = new byte[Math.min(stream.available(), most)];
      int read = stream.readNBytes(message, 0, message.length);
      int next = message.length < most ? stream.read() : -1;
      if (next < 0) {
        return read == message.length ? message : Arrays.copyOf(message, read);
      }
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.write(message, 0, read);
      whole.write(next);
      whole.writeBytes(stream.readNBytes(most - read - 1));
      return whole.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class KnownBytes extends ByteArrayInputStream implements KnownLength {
    KnownBytes(byte[] value) {
      super(value);
    }
  }
}
