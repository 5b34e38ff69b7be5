package dev.slipway.controlplane.rpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

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
    try {
      // One byte more than allowed is enough to know that it is too much.
      return stream.readNBytes(RpcServices.MAX_MESSAGE_BYTES + 1);
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
