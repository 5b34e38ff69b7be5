package dev.slipway.controlplane.rpc;

import com.google.protobuf.MessageLite;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Remembers the replies of methods that must be carried out once, because the client repeats a
/// call whose answer it did not get.
///
/// Bounded in time, number and bytes; the oldest replies go first. Kept in memory: a repeated
/// attempt that meets a restarted server is carried out again.
final class ReplyMemory {
  static final Duration KEPT_FOR = Duration.ofMinutes(10);
  static final int MAX_REPLIES = 20_000;
  static final long MAX_BYTES = 64L << 20;
  static final int MAX_KEY_LENGTH = 128;

  /// What makes two attempts the same call.
  record Key(String method, Caller caller, String idempotencyKey) {
    Key {
      if (idempotencyKey.length() > MAX_KEY_LENGTH) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "The idempotency key has "
                + idempotencyKey.length()
                + " characters; at most "
                + MAX_KEY_LENGTH
                + " are accepted");
      }
    }
  }

  private record Kept(Object reply, long bytes, long untilMillis) {}

  private final InstantSource clock;
  private final int maxReplies;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, CompletableFuture<Object>> running = new HashMap<>();
  private final LinkedHashMap<Key, Kept> kept = new LinkedHashMap<>();
  private long keptBytes;

  ReplyMemory(InstantSource clock, int maxReplies, long maxBytes) {
    this.clock = clock;
    this.maxReplies = maxReplies;
    this.maxBytes = maxBytes;
  }

  static ReplyMemory inProduction() {
    return new ReplyMemory(InstantSource.system(), MAX_REPLIES, MAX_BYTES);
  }

  /// The reply of the work, carried out by whoever comes first with this key.
  <R> R once(Key key, Callable<R> work) throws Exception {
    CompletableFuture<Object> mine = new CompletableFuture<>();
    CompletableFuture<Object> first;
    lock.lock();
    try {
      evict();
      Kept known = kept.get(key);
      if (known != null) {
        return reply(known.reply());
      }
      first = running.putIfAbsent(key, mine);
    } finally {
      lock.unlock();
    }
    if (first != null) {
      return await(first);
    }
    R result;
    try {
      result = work.call();
    } catch (Throwable failure) {
      finish(key, null);
      mine.completeExceptionally(failure);
      throw failure;
    }
    finish(key, result);
    mine.complete(result);
    return result;
  }

  private void finish(Key key, @Nullable Object result) {
    lock.lock();
    try {
      running.remove(key);
      if (result != null) {
        long bytes = result instanceof MessageLite message ? message.getSerializedSize() : 0;
        kept.put(key, new Kept(result, bytes, clock.millis() + KEPT_FOR.toMillis()));
        keptBytes += bytes;
        evict();
      }
    } finally {
      lock.unlock();
    }
  }

  private void evict() {
    long now = clock.millis();
    Iterator<Kept> oldestFirst = kept.values().iterator();
    while (oldestFirst.hasNext()) {
      Kept oldest = oldestFirst.next();
      if (oldest.untilMillis() > now && kept.size() <= maxReplies && keptBytes <= maxBytes) {
        return;
      }
      keptBytes -= oldest.bytes();
      oldestFirst.remove();
    }
  }

  private static <R> R await(CompletableFuture<Object> first) throws Exception {
    try {
      return reply(first.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception failure) {
        throw failure;
      }
      throw e;
    }
  }

  /// The key holds the method's name, so the type is that of the method's replies.
  @SuppressWarnings("unchecked")
  private static <R> R reply(Object reply) {
    return (R) reply;
  }
}
