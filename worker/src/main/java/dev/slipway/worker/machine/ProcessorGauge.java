package dev.slipway.worker.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches whether this machine's processors are fully used, and tells when that changes.
///
/// Time that niced processes take counts as free, since they yield to containers.
public final class ProcessorGauge implements AutoCloseable {
  /// How far apart two readings are. Long enough for the kernel's ticks of 10 ms to say something,
  /// short enough to matter before a start would be over.
  static final Duration STEP = Duration.ofMillis(250);

  /// Saturated from this share of busy time on …
  static final double FULL = 0.85;

  /// … until it falls below this one, so that it does not change to and fro.
  static final double NOT_FULL = 0.7;

  private static final Logger log = LoggerFactory.getLogger(ProcessorGauge.class);

  /// Ticks since the machine started, of all processors.
  ///
  /// @param free in which nothing ran, or only what yields
  record Reading(long all, long free) {
    private static final int NICE = 1;
    private static final int IDLE = 3;
    private static final int WAITING_FOR_DISK = 4;

    /// The guests' time is part of the user's already.
    private static final int COUNTED = 8;

    /// Reads the first line of the kernel's statistics; empty for anything else.
    static Optional<Reading> parse(String line) {
      String[] words = line.split("\\s+", -1);
      if (words.length <= COUNTED || !words[0].equals("cpu")) {
        return Optional.empty();
      }
      long[] ticks = Stream.of(words).skip(1).limit(COUNTED).mapToLong(Long::parseLong).toArray();
      long all = 0;
      for (long tick : ticks) {
        all += tick;
      }
      return Optional.of(new Reading(all, ticks[NICE] + ticks[IDLE] + ticks[WAITING_FOR_DISK]));
    }

    /// Whether the processors have been fully used since an earlier reading.
    boolean saturatedSince(Reading earlier, boolean before) {
      long passed = all - earlier.all;
      double busy = passed <= 0 ? 0 : 1.0 - (double) (free - earlier.free) / passed;
      return busy >= (before ? NOT_FULL : FULL);
    }
  }

  private final Path statistics;
  private final BooleanSupplier worthwhile;
  private final Consumer<Boolean> changed;
  private final Thread thread;

  /// @param worthwhile whether anybody wants to know now; nothing is saturated while nobody does
  /// @param changed told what it is now
  public ProcessorGauge(Path statistics, BooleanSupplier worthwhile, Consumer<Boolean> changed) {
    this.statistics = statistics;
    this.worthwhile = worthwhile;
    this.changed = changed;
    this.thread = Thread.ofVirtual().name("processor-gauge").start(this::watch);
  }

  private void watch() {
    boolean saturated = false;
    Optional<Reading> last = Optional.empty();
    try {
      while (true) {
        Thread.sleep(STEP);
        Optional<Reading> now = worthwhile.getAsBoolean() ? read() : Optional.empty();
        boolean before = saturated;
        saturated =
            now.isPresent() && last.isPresent() && now.get().saturatedSince(last.get(), before);
        last = now;
        if (saturated != before) {
          changed.accept(saturated);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (UncheckedIOException e) {
      log.warn("the use of the processors is not known: {}", e.getMessage());
    }
  }

  private Optional<Reading> read() {
    try (Stream<String> lines = Files.lines(statistics)) {
      return lines.findFirst().flatMap(Reading::parse);
    } catch (IOException e) {
      throw new UncheckedIOException(statistics + " cannot be read: " + e, e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
