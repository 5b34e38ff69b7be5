package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Forgets old lines: those that are too old, and the oldest of apps that said too much.
public final class LogRetentionChore implements Runnable {
  /// How much is kept of one app, by the space it takes.
  public static final long MAX_BYTES_PER_APP = 64L << 20;

  /// How long a line is kept.
  public static final Duration MAX_AGE = Duration.ofDays(30);

  /// What is left of an app that said too much: less than the most, so that it is not at the most
  /// again at once.
  private static final long BYTES_LEFT = MAX_BYTES_PER_APP / 4 * 3;

  /// Lines that one transaction forgets at most.
  static final int MAX_LINES_PER_TRANSACTION = 20_000;

  private static final Logger log = LoggerFactory.getLogger(LogRetentionChore.class);

  private final LogStore store;
  private final Clock clock;
  private final long maxBytes;
  private final long bytesLeft;

  public LogRetentionChore(LogStore store, Clock clock) {
    this(store, clock, MAX_BYTES_PER_APP, BYTES_LEFT);
  }

  LogRetentionChore(LogStore store, Clock clock, long maxBytes, long bytesLeft) {
    this.store = store;
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.bytesLeft = bytesLeft;
  }

  @Override
  public void run() {
    long oldest = TimeUnit.MILLISECONDS.toNanos(clock.instant().minus(MAX_AGE).toEpochMilli());
    int forgotten;
    do {
      forgotten = store.forgetBefore(oldest, MAX_LINES_PER_TRANSACTION);
    } while (forgotten == MAX_LINES_PER_TRANSACTION);
    for (LogStore.Volume volume : store.listLarger(maxBytes)) {
      try {
        shorten(volume.app(), volume.bytes());
      } catch (RuntimeException e) {
        log.warn("the log of {} could not be shortened, the next round tries again", volume, e);
      }
    }
    store.forgetEmpty();
  }

  private void shorten(AppId app, long bytes) {
    long left = bytes;
    while (left > bytesLeft) {
      long freed = store.forgetOldest(app, left - bytesLeft, MAX_LINES_PER_TRANSACTION);
      if (freed == 0) {
        return;
      }
      left -= freed;
    }
  }
}
