package dev.slipway.controlplane.upkeep;

import dev.slipway.content.ContentStore;
import dev.slipway.model.Digest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes bytes that no feature needs any more. Bytes that were committed lately stay in any case:
/// whoever stored them may be about to say so.
public final class ContentChore implements Runnable {
  /// How long unused bytes stay.
  public static final Duration GRACE = Duration.ofHours(24);

  /// How many contents the features are asked about at once.
  private static final int BATCH = 1000;

  private static final Logger log = LoggerFactory.getLogger(ContentChore.class);

  private final ContentStore content;
  private final List<ContentUser> users;
  private final Clock clock;

  /// @param users every feature that keeps bytes in the store
  public ContentChore(ContentStore content, List<ContentUser> users, Clock clock) {
    this.content = content;
    this.users = List.copyOf(users);
    this.clock = clock;
  }

  @Override
  public void run() {
    Round round = new Round(clock.instant().minus(GRACE));
    content.list(round::see);
    round.finish();
    if (round.deleted > 0) {
      log.info("deleted {} unused contents of {} MiB", round.deleted, round.deletedBytes >> 20);
    }
  }

  private final class Round {
    private final Instant limit;
    private final List<ContentStore.StoredContent> batch = new ArrayList<>();
    private int deleted;
    private long deletedBytes;

    Round(Instant limit) {
      this.limit = limit;
    }

    void see(ContentStore.StoredContent stored) {
      if (stored.committedAt().isBefore(limit)) {
        batch.add(stored);
      }
      if (batch.size() == BATCH) {
        finish();
      }
    }

    void finish() {
      List<Digest> digests = batch.stream().map(ContentStore.StoredContent::digest).toList();
      Set<Digest> used = new HashSet<>();
      users.forEach(user -> used.addAll(user.listUsed(digests)));
      for (ContentStore.StoredContent stored : batch) {
        if (!used.contains(stored.digest())
            && content.deleteIfCommittedBefore(stored.digest(), limit)) {
          deleted++;
          deletedBytes += stored.size();
        }
      }
      batch.clear();
    }
  }
}
