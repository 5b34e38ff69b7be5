package dev.slipway.content;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A [ContentStore] in a directory of this machine.
///
/// Content with the digest `abcdef…` is the file `objects/ab/abcdef…`. An upload is a file in
/// `incoming`, flushed to the disk and then renamed into place, so that a crash leaves either
/// nothing or all of it. Only one store may use a directory at a time: opening it removes the
/// uploads that a crashed one left.
public final class FileContentStore implements ContentStore {
  /// Uploads are refused while the disk has less than this free, so that the database and the
  /// containers on the same disk keep working.
  public static final long DEFAULT_MINIMUM_FREE_BYTES = 256L << 20;

  /// How many appended bytes may pass between two looks at the free space.
  static final long FREE_SPACE_CHECK_BYTES = 16L << 20;

  private static final int SHARD_DIGITS = 2;
  private static final int SHARDS = 256;

  private static final Pattern OBJECT_NAME = Pattern.compile("[0-9a-f]{64}");

  /// One for each shard: a conditional deletion and a commit of the same content exclude each
  /// other.
  private final List<ReentrantLock> locks =
      Stream.generate(ReentrantLock::new).limit(SHARDS).toList();

  private final Path objects;
  private final Path incoming;
  private final long minimumFreeBytes;

  /// Opens the store in the directory, made when it does not exist.
  public FileContentStore(Path directory) {
    this(directory, DEFAULT_MINIMUM_FREE_BYTES);
  }

  /// @param minimumFreeBytes how much of the disk uploads must leave free
  public FileContentStore(Path directory, long minimumFreeBytes) {
    this.objects = directory.resolve("objects");
    this.incoming = directory.resolve("incoming");
    this.minimumFreeBytes = minimumFreeBytes;
    try {
      // All of them now: a commit never has to make, and flush, a directory of its own.
      for (int shard = 0; shard < SHARDS; shard++) {
        Files.createDirectories(objects.resolve(HexFormat.of().toHexDigits(shard, SHARD_DIGITS)));
      }
      flushDirectory(objects);
      Files.createDirectories(incoming);
      try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(incoming)) {
        for (Path leftover : leftovers) {
          Files.deleteIfExists(leftover);
        }
      }
    } catch (IOException e) {
      throw unavailable("cannot be opened", e);
    }
  }

  @Override
  public OptionalLong findSize(Digest digest) {
    try {
      return OptionalLong.of(Files.readAttributes(file(digest), BasicFileAttributes.class).size());
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw unavailable("cannot look up " + digest, e);
    }
  }

  @Override
  public Upload begin() {
    requireFreeSpace();
    return new FileUpload(incoming.resolve(UUID.randomUUID().toString()));
  }

  @Override
  public InputStream open(Digest digest, long offset, long length) {
    FileChannel channel;
    try {
      channel = FileChannel.open(file(digest), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND, "the content store holds no bytes with the digest " + digest, e);
    } catch (IOException e) {
      throw unavailable("cannot read " + digest, e);
    }
    try {
      channel.position(offset);
      return new LimitedInputStream(Channels.newInputStream(channel), length);
    } catch (IOException e) {
      closeQuietly(channel);
      throw unavailable("cannot read " + digest, e);
    }
  }

  @Override
  public boolean delete(Digest digest) {
    try {
      return Files.deleteIfExists(file(digest));
    } catch (IOException e) {
      throw unavailable("cannot delete " + digest, e);
    }
  }

  @Override
  public boolean deleteIfCommittedBefore(Digest digest, Instant time) {
    ReentrantLock lock = lock(digest);
    lock.lock();
    try {
      Instant committedAt = Files.getLastModifiedTime(file(digest)).toInstant();
      return committedAt.isBefore(time) && Files.deleteIfExists(file(digest));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw unavailable("cannot delete " + digest, e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void list(Consumer<StoredContent> consumer) {
    try (DirectoryStream<Path> shards = Files.newDirectoryStream(objects)) {
      for (Path shard : shards) {
        listShard(shard, consumer);
      }
    } catch (IOException e) {
      throw unavailable("cannot be listed", e);
    }
  }

  private static void listShard(Path shard, Consumer<StoredContent> consumer) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(shard)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!OBJECT_NAME.matcher(name).matches()) {
          continue;
        }
        try {
          BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
          consumer.accept(
              new StoredContent(
                  new Digest(name), attributes.size(), attributes.lastModifiedTime().toInstant()));
        } catch (NoSuchFileException e) {
          // Deleted since the directory was read.
        }
      }
    }
  }

  @Override
  public Optional<Path> localPath(Digest digest) {
    Path file = file(digest);
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  private Path file(Digest digest) {
    return shard(digest).resolve(digest.hex());
  }

  private Path shard(Digest digest) {
    return objects.resolve(digest.hex().substring(0, SHARD_DIGITS));
  }

  private ReentrantLock lock(Digest digest) {
    return locks.get(HexFormat.fromHexDigits(digest.hex(), 0, SHARD_DIGITS));
  }

  private void requireFreeSpace() {
    long free;
    try {
      free = Files.getFileStore(incoming).getUsableSpace();
    } catch (IOException e) {
      throw unavailable("cannot tell how much space is free", e);
    }
    if (free < minimumFreeBytes) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the disk of the content store is full: %d MiB are free in %s, and %d MiB must stay free"
              .formatted(free >> 20, incoming.getParent(), minimumFreeBytes >> 20));
    }
  }

  private SlipwayException unavailable(String what, IOException cause) {
    return new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "the content store in " + objects.getParent() + " " + what + ": " + describe(cause),
        cause);
  }

  private static String describe(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was written through it, or the file is about to be removed.
    }
  }

  private final class FileUpload implements Upload {
    private final Path file;
    private final FileChannel channel;
    private final RunningDigest digest = new RunningDigest();
    private long checkedAtLength;
    private boolean finished;

    FileUpload(Path file) {
      this.file = file;
      try {
        this.channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw unavailable("takes nothing in", e);
      }
    }

    @Override
    public void append(ByteBuffer bytes) {
      requireUnfinished();
      digest.update(bytes.duplicate());
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        abort();
        throw unavailable("cannot write", e);
      }
      if (digest.length() - checkedAtLength >= FREE_SPACE_CHECK_BYTES) {
        checkedAtLength = digest.length();
        requireFreeSpace();
      }
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
      try {
        Digest actual = digest.finish(expected);
        channel.force(true);
        channel.close();
        Path shard = shard(actual);
        // Atomic, and harmless when another upload of the same bytes was first.
        ReentrantLock lock = lock(actual);
        lock.lock();
        try {
          Files.move(file, shard.resolve(actual.hex()), StandardCopyOption.ATOMIC_MOVE);
        } finally {
          lock.unlock();
        }
        flushDirectory(shard);
        finished = true;
        return actual;
      } catch (IOException e) {
        throw unavailable("cannot keep an upload of " + length() + " bytes", e);
      } finally {
        abort();
      }
    }

    @Override
    public void abort() {
      if (finished) {
        return;
      }
      finished = true;
      closeQuietly(channel);
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw unavailable("cannot remove an unfinished upload", e);
      }
    }

    private void requireUnfinished() {
      if (finished) {
        throw new IllegalStateException("this upload is already committed or aborted");
      }
    }
  }

  private static void flushDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Ends after a number of bytes, whatever the stream below still holds.
  private static final class LimitedInputStream extends InputStream {
    private final InputStream source;
    private long remaining;

    LimitedInputStream(InputStream source, long length) {
      this.source = source;
      this.remaining = length;
    }

    @Override
    public int read() throws IOException {
      if (remaining <= 0) {
        return -1;
      }
      int value = source.read();
      if (value >= 0) {
        remaining--;
      }
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (remaining <= 0) {
        return length == 0 ? 0 : -1;
      }
      int count = source.read(target, offset, (int) Math.min(length, remaining));
      if (count > 0) {
        remaining -= count;
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      source.close();
    }
  }
}
