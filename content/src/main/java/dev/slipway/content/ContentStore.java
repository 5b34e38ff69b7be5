package dev.slipway.content;

import dev.slipway.model.Digest;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Bytes named by their SHA-256 digest.
///
/// Content comes in by [#begin], [Upload#append] and [Upload#commit]; until the commit returns it
/// is invisible, and once it has returned the bytes survive a crash. Any number of callers may
/// upload the same content at once: all of them succeed. Every method may be called from any thread
/// and blocks; run it on a virtual thread.
///
/// All methods fail with `UNAVAILABLE` when the storage behind the store is full or away; what was
/// committed before stays.
public interface ContentStore {

  /// True when the content is here and complete.
  default boolean contains(Digest digest) {
    return findSize(digest).isPresent();
  }

  /// The content's length in bytes; empty when it is not here.
  OptionalLong findSize(Digest digest);

  /// Starts to take in content whose digest need not be known yet.
  Upload begin();

  /// All bytes of the content. Fails with `NOT_FOUND` when it is not here.
  default InputStream open(Digest digest) {
    return open(digest, 0, Long.MAX_VALUE);
  }

  /// The bytes from `offset` on, at most `length` of them and fewer where the content ends before;
  /// an offset at or beyond the end gives an empty stream. Fails with `NOT_FOUND` when the content
  /// is not here.
  InputStream open(Digest digest, long offset, long length);

  /// Removes the content. False when it was not here. A reader that has it open may read on.
  boolean delete(Digest digest);

  /// Removes the content if it was last committed before the given time, for garbage collection: an
  /// upload of the same bytes that is committed meanwhile is never lost. False when it stays or was
  /// not here.
  boolean deleteIfCommittedBefore(Digest digest, Instant time);

  /// Shows every content to the consumer, in no order, for garbage collection. What is committed or
  /// deleted meanwhile may or may not be shown.
  void list(Consumer<StoredContent> consumer);

  /// A file of this machine that holds exactly these bytes, for readers that can do more with a
  /// file than with a stream. Never write to it. Empty when the store keeps no such file or the
  /// content is not here.
  default Optional<Path> localPath(Digest digest) {
    return Optional.empty();
  }

  /// Content as a garbage collector sees it.
  ///
  /// @param size length in bytes
  /// @param committedAt when it was last committed
  record StoredContent(Digest digest, long size, Instant committedAt) {}
}
