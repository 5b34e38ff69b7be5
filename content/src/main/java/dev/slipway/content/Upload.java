package dev.slipway.content;

import dev.slipway.model.Digest;
import java.nio.ByteBuffer;

/// Content on its way into a [ContentStore]. For one thread at a time.
///
/// Closing an upload that was not committed aborts it, so a try-with-resources leaves nothing
/// behind whatever happens.
public interface Upload extends AutoCloseable {

  /// Takes the buffer's remaining bytes.
  void append(ByteBuffer bytes);

  /// Takes all the bytes of the array.
  default void append(byte[] bytes) {
    append(ByteBuffer.wrap(bytes));
  }

  /// How many bytes were appended so far.
  long length();

  /// Makes the content visible and lasting. Fails with `INVALID`, and keeps nothing, when the bytes
  /// have another digest than the expected one.
  void commit(Digest expected);

  /// Makes the content visible and lasting under whatever digest it has.
  Digest commit();

  /// Forgets everything that was appended. Does nothing after a commit or an earlier abort.
  void abort();

  @Override
  default void close() {
    abort();
  }
}
