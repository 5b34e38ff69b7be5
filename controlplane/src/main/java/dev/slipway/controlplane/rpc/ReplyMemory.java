package dev.slipway.controlplane.rpc;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, CompletableFuture<Object>> running = new HashMap<>();
  private final KeptReplies kept;

  ReplyMemory(InstantSource clock, int maxReplies, long maxBytes) {
    this.kept = new KeptReplies(clock, maxReplies, maxBytes);
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
      Optional<R> known = kept.find(key);
      if (known.isPresent()) {
        return known.get();
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
        kept.keep(key, result);
      }
    } finally {
      lock.unlock();
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
