package dev.slipway.worker.build;

import dev.slipway.content.files.Trees;
import dev.slipway.worker.build.BuildOutcome.Kind;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stops the making of a layer that takes more of the disk than it may. Whoever makes it asks here
/// for the reason.
///
/// Looking at how much is free costs next to nothing and is done all the time. Adding up the layer
/// is dear, so it is done only when as much has been taken from the disk, by whomever, as the layer
/// may still grow.
final class RoomWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RoomWatch.class);

  /// How often to look. A fast disk takes some hundred megabytes meanwhile.
  static final Duration INTERVAL = Duration.ofMillis(100);

  private final DiskRoom all;
  private final BuildRoom room;
  private final Path layer;
  private final FileStore disk;
  private final Runnable stop;
  private final boolean interrupts;
  private final Thread watcher;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<Path> beside = List.of();
  private volatile String doing = "the build";
  private long measured;
  private boolean closed;
  private @Nullable FailedBuildException failure;

  /// @param stop ends what makes the layer
  /// @param interrupts whether it does so by an interrupt of the thread that closes this
  RoomWatch(DiskRoom all, Path layer, Runnable stop, boolean interrupts) throws IOException {
    this.all = all;
    this.room = all.limits();
    this.layer = layer;
    this.stop = stop;
    this.interrupts = interrupts;
    this.disk = Files.getFileStore(layer);
    this.watcher = Thread.ofVirtual().name("room of " + layer).unstarted(this::watch);
  }

  /// @throws FailedBuildException when the disk is too full to begin
  void begin() throws IOException {
    long free = disk.getUsableSpace();
    if (free < room.freeBytes()) {
      throw tooFull(free);
    }
    watcher.start();
  }

  /// @param step what is done from here on, for the reason
  void during(String step) {
    doing = step;
  }

  /// @param directories beside the layer that what is done now can write to
  void alsoIn(List<Path> directories) {
    beside = List.copyOf(directories);
  }

  /// Why the making was stopped, if it was.
  Optional<FailedBuildException> failure() {
    lock.lock();
    try {
      return Optional.ofNullable(failure);
    } finally {
      lock.unlock();
    }
  }

  /// Ends the watch. No interrupt of its own is left to the calling thread.
  @Override
  public void close() {
    all.forget(this);
    lock.lock();
    try {
      closed = true;
      if (failure != null && interrupts) {
        boolean ours = Thread.interrupted();
        log.debug("the making of {} was stopped, interrupted: {}", layer, ours);
      }
    } finally {
      lock.unlock();
    }
    watcher.interrupt();
  }

  private void watch() {
    try {
      long before = disk.getUsableSpace();
      long taken = 0;
      while (failure().isEmpty()) {
        Thread.sleep(INTERVAL);
        long free = disk.getUsableSpace();
        taken += Math.max(0, before - free);
        before = free;
        if (free < room.freeBytes()) {
          all.nextToEnd(free, System.nanoTime()).ifPresent(next -> next.stop(next.tooFull(free)));
        } else if (taken > room.layerBytes() - measured) {
          measured = measure();
          taken = 0;
          if (measured > room.layerBytes()) {
            stop(tooLarge());
          }
        }
      }
    } catch (InterruptedException e) {
      // The layer is made.
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.warn("nobody watches how much room {} takes: {}", layer, e.toString());
    }
  }

  /// Bytes of the layer's files, and of what its making writes beside them.
  long measureAll() throws IOException {
    long bytes = measure();
    for (Path directory : beside) {
      bytes += Files.exists(directory) ? Trees.measure(directory).bytes() : 0;
    }
    return bytes;
  }

  /// Bytes of the layer's files.
  long measure() throws IOException {
    return Trees.measure(layer).bytes();
  }

  private void stop(FailedBuildException reason) {
    lock.lock();
    try {
      if (!closed && failure == null) {
        failure = reason;
        stop.run();
      }
    } finally {
      lock.unlock();
    }
  }

  private FailedBuildException tooFull(long free) {
    return new FailedBuildException(
        Kind.MACHINE,
        "%s was stopped: the disk of this machine is full; %,d MiB are free, and builds leave %,d MiB; nothing of the build is kept"
            .formatted(doing, free >> 20, room.freeBytes() >> 20),
        0);
  }

  private FailedBuildException tooLarge() {
    return new FailedBuildException(
        Kind.INVALID,
        "%s was stopped: its layer has %,d MiB already, and a layer may have %,d MiB (SLIPWAY_BUILD_LAYER_MIB of the worker)"
            .formatted(doing, measured >> 20, room.layerBytes() >> 20),
        0);
  }
}
