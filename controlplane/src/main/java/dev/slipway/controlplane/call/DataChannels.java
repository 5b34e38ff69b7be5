package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.storage.Row;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The chunks that a call's container yields, in order, for whoever reads them: durable before they
/// are acknowledged, kept as long as their call.
public final class DataChannels {
  /// Longest time that a reader's stream stays open; it opens another behind the last chunk it got.
  static final Duration MAX_READ = Duration.ofMinutes(10);

  /// Most chunks of one call.
  static final int MAX_CHUNKS = 1_000_000;

  /// How long a failure waits for those who still read what was yielded before it.
  static final Duration MAX_CATCH_UP = Duration.ofMillis(500);

  /// How long a generator's failure waits for the chunks on their way: runners up to 1.0.5 send the
  /// last of them and the failure side by side, so that either may come first.
  static final Duration ON_THEIR_WAY = Duration.ofMillis(50);

  private static final String OUT = "out";

  /// Where a reader's chunks go.
  @FunctionalInterface
  public interface Sink {
    void send(byte[] chunk) throws InterruptedException;
  }

  private final class Channel {
    final ReentrantLock lock = new ReentrantLock();
    final Condition grown = lock.newCondition();
    final Condition caughtUp = lock.newCondition();
    final List<byte[]> chunks;
    final Set<Reader> readers = new HashSet<>();
    boolean everRead;

    Channel(List<byte[]> chunks) {
      this.chunks = new ArrayList<>(chunks);
    }

    /// Whether somebody has not been sent everything yet. The caller holds the lock.
    boolean isBehind() {
      boolean nobodyYet = !everRead && !chunks.isEmpty();
      return nobodyYet || readers.stream().anyMatch(reader -> reader.index < chunks.size());
    }
  }

  /// One who reads. Equal to itself only.
  private static final class Reader {
    /// The last chunk that it was sent; guarded by the channel's lock.
    long index;

    Reader(long index) {
      this.index = index;
    }
  }

  private final CallStore store;
  private final GroupCommit commits;
  private final Duration mostCatchUp;
  private final ConcurrentHashMap<CallId, Channel> channels = new ConcurrentHashMap<>();

  DataChannels(CallStore store, GroupCommit commits) {
    this(store, commits, MAX_CATCH_UP);
  }

  /// @param mostCatchUp as [#MAX_CATCH_UP]
  DataChannels(CallStore store, GroupCommit commits, Duration mostCatchUp) {
    this.store = store;
    this.commits = commits;
    this.mostCatchUp = mostCatchUp;
  }

  /// A chunk and its place, counted from 1.
  public record Chunk(long index, byte[] payload) {}

  /// Appends chunks. A chunk whose place is taken is a repetition and changes nothing.
  public void put(CallId call, List<Chunk> chunks) {
    Channel channel = channel(call);
    List<Row> rows = new ArrayList<>(chunks.size());
    for (Chunk chunk : chunks) {
      if (chunk.index() < 1 || chunk.index() > MAX_CHUNKS) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "a chunk's index is between 1 and %d, not %d".formatted(MAX_CHUNKS, chunk.index()));
      }
      rows.add(CallStore.data(call, OUT, chunk.index(), chunk.payload()));
    }
    commits.commit(rows);
    channel.lock.lock();
    try {
      for (Chunk chunk : chunks) {
        // The container numbers without gaps and puts in order.
        if (chunk.index() == channel.chunks.size() + 1L) {
          channel.chunks.add(chunk.payload());
        }
      }
      channel.grown.signalAll();
    } finally {
      channel.lock.unlock();
    }
  }

  /// Sends the chunks behind an index, and those that come, until the reader has had enough.
  public void read(CallId call, long lastIndex, Sink sink) throws InterruptedException {
    Channel channel = channel(call);
    long end = System.nanoTime() + MAX_READ.toNanos();
    Reader reader = new Reader(lastIndex);
    change(
        channel,
        () -> {
          channel.readers.add(reader);
          channel.everRead = true;
        });
    try {
      // Only this thread changes the reader's place, so it may read it without the lock.
      for (List<byte[]> fresh = await(channel, reader.index, end);
          !fresh.isEmpty();
          fresh = await(channel, reader.index, end)) {
        for (byte[] chunk : fresh) {
          sink.send(chunk);
        }
        int sent = fresh.size();
        change(channel, () -> reader.index += sent);
      }
    } finally {
      change(channel, () -> channel.readers.remove(reader));
    }
  }

  private static void change(Channel channel, Runnable change) {
    channel.lock.lock();
    try {
      change.run();
      channel.caughtUp.signalAll();
    } finally {
      channel.lock.unlock();
    }
  }

  /// Waits until those who read what the call yields were sent all of it, [#MAX_CATCH_UP] at most:
  /// a client that hears of a generator's failure looks at nothing that was yielded before.
  public void awaitReaders(CallId call) throws InterruptedException {
    Channel channel = channels.get(call);
    if (channel == null) {
      return;
    }
    Thread.sleep(ON_THEIR_WAY);
    channel.lock.lockInterruptibly();
    try {
      long left = mostCatchUp.toNanos();
      while (channel.isBehind() && left > 0) {
        left = channel.caughtUp.awaitNanos(left);
      }
    } finally {
      channel.lock.unlock();
    }
  }

  private static List<byte[]> await(Channel channel, long index, long end)
      throws InterruptedException {
    channel.lock.lockInterruptibly();
    try {
      long left = end - System.nanoTime();
      while (channel.chunks.size() <= index && left > 0) {
        left = channel.grown.awaitNanos(left);
      }
      int from = (int) Math.min(index, channel.chunks.size());
      return List.copyOf(channel.chunks.subList(from, channel.chunks.size()));
    } finally {
      channel.lock.unlock();
    }
  }

  private Channel channel(CallId call) {
    return channels.computeIfAbsent(call, c -> new Channel(store.listData(c, OUT)));
  }

  /// Drops what is kept in memory of a call.
  void forget(CallId call) {
    channels.remove(call);
  }
}
