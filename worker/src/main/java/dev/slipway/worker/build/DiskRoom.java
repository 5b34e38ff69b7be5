package dev.slipway.worker.build;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All layers that are made on a machine, as far as they share its disk: when too little of it is
/// free, the largest of them ends, and the others only if that does not help.
public final class DiskRoom {
  /// How long the others wait for what the largest one took to be free again. Removing millions of
  /// files takes seconds.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Nobody waits when only this part is left of what builds leave free.
  private static final int LAST_PART = 4;

  private final BuildRoom limits;
  private final Set<RoomWatch> watches = new HashSet<>();
  private @Nullable RoomWatch ended;
  private long endedAt;

  /// @param limits of one layer, and of all together
  public DiskRoom(BuildRoom limits) {
    this.limits = limits;
  }

  BuildRoom limits() {
    return limits;
  }

  /// Watches a layer that the calling thread makes; it is interrupted when it must stop.
  ///
  /// @throws FailedBuildException when the disk is too full to begin
  RoomWatch watch(Path layer) throws IOException {
    Thread maker = Thread.currentThread();
    return begin(new RoomWatch(this, layer, maker::interrupt, true));
  }

  /// Watches a layer that something else makes.
  ///
  /// @param stop ends what makes it; called once, by another thread
  /// @throws FailedBuildException when the disk is too full to begin
  RoomWatch watch(Path layer, Runnable stop) throws IOException {
    return begin(new RoomWatch(this, layer, stop, false));
  }

  private RoomWatch begin(RoomWatch watch) throws IOException {
    watch.begin();
    synchronized (this) {
      watches.add(watch);
    }
    return watch;
  }

  synchronized void forget(RoomWatch watch) {
    watches.remove(watch);
  }

  /// Too little is free: whose turn is it to end? Asked again and again by every watch while that
  /// lasts.
  ///
  /// @param free bytes
  synchronized Optional<RoomWatch> nextToEnd(long free, long now) throws IOException {
    boolean waits = ended != null && now - endedAt < PATIENCE.toNanos();
    if (waits && free > limits.freeBytes() / LAST_PART) {
      return Optional.empty();
    }
    RoomWatch largest = null;
    long most = -1;
    for (RoomWatch watch : watches) {
      long bytes = watch.failure().isPresent() ? -1 : watch.measureAll();
      if (bytes > most) {
        largest = watch;
        most = bytes;
      }
    }
    if (largest != null) {
      ended = largest;
      endedAt = now;
    }
    return Optional.ofNullable(largest);
  }
}
