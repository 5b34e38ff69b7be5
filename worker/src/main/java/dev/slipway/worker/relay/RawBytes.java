package dev.slipway.worker.relay;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Messages as the bytes that they are.
enum RawBytes implements MethodDescriptor.Marshaller<byte[]> {
  MARSHALLER;

  private static final class Bytes extends ByteArrayInputStream implements KnownLength {
    Bytes(byte[] bytes) {
      super(bytes);
    }
  }

  @Override
  public InputStream stream(byte[] message) {
    return new Bytes(message);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A method of which nothing is known but its name.
  static MethodDescriptor<byte[], byte[]> method(String fullName) {
    return method(fullName, MethodDescriptor.MethodType.UNKNOWN);
  }

  /// A method with one message each way.
  static MethodDescriptor<byte[], byte[]> unaryMethod(String fullName) {
    return method(fullName, MethodDescriptor.MethodType.UNARY);
  }

  private static MethodDescriptor<byte[], byte[]> method(
      String fullName, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(MARSHALLER, MARSHALLER)
        .setFullMethodName(fullName)
        .setType(type)
        .build();
  }
}
