package dev.slipway.content;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The double of a [ContentStore]: passes the same contract, forgets everything with the process.
final class InMemoryContentStore implements ContentStore {
  private record Entry(byte[] bytes, Instant committedAt) {}

  private final Map<Digest, Entry> entries = new ConcurrentHashMap<>();

  @Override
  public OptionalLong findSize(Digest digest) {
    Entry entry = entries.get(digest);
    return entry == null ? OptionalLong.empty() : OptionalLong.of(entry.bytes().length);
  }

  @Override
  public Upload begin() {
    return new MemoryUpload();
  }

  @Override
  public InputStream open(Digest digest, long offset, long length) {
    Entry entry = entries.get(digest);
    if (entry == null) {
      throw new SlipwayException(ErrorKind.NOT_FOUND, "no bytes with the digest " + digest);
    }
    int from = (int) Math.min(offset, entry.bytes().length);
    return new ByteArrayInputStream(
        entry.bytes(), from, (int) Math.min(length, entry.bytes().length - from));
  }

  @Override
  public boolean delete(Digest digest) {
    return entries.remove(digest) != null;
  }

  @Override
  public boolean deleteIfCommittedBefore(Digest digest, Instant time) {
    Entry entry = entries.get(digest);
    return entry != null && entry.committedAt().isBefore(time) && entries.remove(digest, entry);
  }

  @Override
  public void list(Consumer<StoredContent> consumer) {
    entries.forEach((digest, entry) ->
        consumer.accept(new StoredContent(digest, entry.bytes().length, entry.committedAt())));
  }

  private final class MemoryUpload implements Upload {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final RunningDigest digest = new RunningDigest();
    private boolean finished;

    @Override
    public void append(ByteBuffer more) {
      requireUnfinished();
      digest.update(more.duplicate());
      byte[] copy = new byte[more.remaining()];
      more.get(copy);
      bytes.writeBytes(copy);
    }

    @Override
    public long length() {
      return digest.length();
    }

    @Override
    public void commit(Digest expected) {
      finish(Optional.of(expected));
    }

    @Override
    public Digest commit() {
      return finish(Optional.empty());
    }

    private Digest finish(Optional<Digest> expected) {
      requireUnfinished();
      finished = true;
      Digest actual = digest.finish(expected);
      entries.put(actual, new Entry(bytes.toByteArray(), Instant.now()));
      return actual;
    }

    @Override
    public void abort() {
      finished = true;
    }

    private void requireUnfinished() {
      if (finished) {
        throw new IllegalStateException("this upload is already committed or aborted");
      }
    }
  }
}
