package dev.slipway.controlplane.image;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A build that is queued or runs: where its log is written and its followers wait.
final class OngoingBuild {
  /// Of longer logs the beginning is dropped.
  static final long MOST_LOG_BYTES = 16L << 20;

  /// The log is dropped in pieces of this size.
  static final long LOG_PIECE_BYTES = 1L << 20;

  private final Image image;
  private final boolean cached;
  private final ImageStore store;
  private final CompletableFuture<BuildOutcome> outcome = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // The last number of each full piece of the log.
  private final Deque<Long> pieces = new ArrayDeque<>();
  private long pieceBytes;
  private long lastSequence;
  // Where processes wrote something that does not end with its line.
  private Set<BuildLogEntry.Stream> open = EnumSet.noneOf(BuildLogEntry.Stream.class);
  private long changes;
  private boolean ended;

  /// @param cached whether the finished image answers the recipe from then on
  OngoingBuild(Image image, boolean cached, ImageStore store) {
    this.image = image;
    this.cached = cached;
    this.store = store;
  }

  Image image() {
    return image;
  }

  boolean cached() {
    return cached;
  }

  /// Completed by whoever knows first how the build ended.
  CompletableFuture<BuildOutcome> outcome() {
    return outcome;
  }

  /// Writes to the log and wakes the followers.
  void append(List<BuildLogEntry> said) {
    lock.lock();
    try {
      if (ended || said.isEmpty()) {
        return;
      }
      Set<BuildLogEntry.Stream> stillOpen = EnumSet.noneOf(BuildLogEntry.Stream.class);
      stillOpen.addAll(open);
      List<BuildLogEntry> entries = wholeLines(said, stillOpen);
      List<ImageStore.Logged> logged = new ArrayList<>(entries.size());
      long sequence = lastSequence;
      for (BuildLogEntry entry : entries) {
        logged.add(new ImageStore.Logged(++sequence, entry));
      }
      store.append(image.build(), logged);
      lastSequence = sequence;
      open = stillOpen;
      dropBeginning(entries);
      wake();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the lines of processes where the platform speaks: clients show what is open only when its
  /// own stream goes on, behind whatever else comes meanwhile.
  ///
  /// @param open streams whose last line is open, before and then after the entries
  private static List<BuildLogEntry> wholeLines(
      List<BuildLogEntry> entries, Set<BuildLogEntry.Stream> open) {
    List<BuildLogEntry> whole = new ArrayList<>(entries.size());
    for (BuildLogEntry entry : entries) {
      if (entry.stream() == BuildLogEntry.Stream.SYSTEM) {
        open.forEach(stream -> whole.add(new BuildLogEntry(stream, entry.timestampNs(), "\n")));
        open.clear();
      } else if (entry.data().endsWith("\n")) {
        open.remove(entry.stream());
      } else if (!entry.data().isEmpty()) {
        open.add(entry.stream());
      }
      whole.add(entry);
    }
    return whole;
  }

  private void dropBeginning(List<BuildLogEntry> entries) {
    // Characters, not bytes: near enough for a limit.
    pieceBytes += entries.stream().mapToLong(entry -> entry.data().length()).sum();
    if (pieceBytes >= LOG_PIECE_BYTES) {
      pieces.addLast(lastSequence);
      pieceBytes = 0;
    }
    if (pieces.size() > MOST_LOG_BYTES / LOG_PIECE_BYTES) {
      store.dropLog(image.build(), pieces.removeFirst());
    }
  }

  /// The end is in the store: nothing more is written, and the followers are woken.
  void end() {
    lock.lock();
    try {
      ended = true;
      wake();
    } finally {
      lock.unlock();
    }
  }

  /// A number that grows with every change. Take it before reading the store, then [#await] it.
  long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until there was a change since the given number, or the time is over.
  void await(long seen, Duration most) throws InterruptedException {
    lock.lock();
    try {
      long left = most.toNanos();
      while (changes == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    changes++;
    changed.signalAll();
  }
}
