package dev.slipway.controlplane.rpc;

import com.google.protobuf.MessageLite;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;

/// Replies that went out, for callers that did not get them: bounded in time
/// ([ReplyMemory#KEPT_FOR]), number and bytes; the oldest go first. Its user's lock guards it.
final class KeptReplies {
  private record Kept(Object reply, long bytes, long untilMillis) {}

  private final InstantSource clock;
  private final int maxReplies;
  private final long maxBytes;
  private final LinkedHashMap<ReplyMemory.Key, Kept> kept = new LinkedHashMap<>();
  private long keptBytes;

  KeptReplies(InstantSource clock, int maxReplies, long maxBytes) {
    this.clock = clock;
    this.maxReplies = maxReplies;
    this.maxBytes = maxBytes;
  }

  /// The key holds the method's name, so `R` is the type of that method's replies.
  @SuppressWarnings("unchecked")
  <R> Optional<R> find(ReplyMemory.Key key) {
    evict();
    return Optional.ofNullable(kept.get(key)).map(known -> (R) known.reply());
  }

  void keep(ReplyMemory.Key key, Object reply) {
    long bytes = reply instanceof MessageLite message ? message.getSerializedSize() : 0;
    kept.put(key, new Kept(reply, bytes, clock.millis() + ReplyMemory.KEPT_FOR.toMillis()));
    keptBytes += bytes;
    evict();
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
}
