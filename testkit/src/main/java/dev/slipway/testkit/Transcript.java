package dev.slipway.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What a process has written so far, line by line, with the time at which each line arrived. Keeps
/// the latest [#MAX_LINES] lines.
public final class Transcript {
  /// A chatty server must not fill the memory of the tests.
  public static final int MAX_LINES = 50_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Line> lines = new ArrayList<>();
  private int openStreams = 2;

  void add(Line line) {
    lock.lock();
    try {
      if (lines.size() == MAX_LINES) {
        lines.removeFirst();
      }
      lines.add(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void streamEnded() {
    lock.lock();
    try {
      openStreams--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// All lines, oldest first.
  public List<Line> lines() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  /// The text of one stream.
  public String text(Line.Stream stream) {
    return lines().stream()
        .filter(line -> line.stream() == stream)
        .map(Line::text)
        .collect(Collectors.joining("\n"));
  }

  /// The text of both streams in the order of arrival.
  public String text() {
    return lines().stream().map(Line::text).collect(Collectors.joining("\n"));
  }

  /// The first line that holds `part`.
  public Optional<Line> find(String part) {
    return lines().stream().filter(line -> line.text().contains(part)).findFirst();
  }

  /// The first line that holds `part`, as soon as there is one.
  ///
  /// Throws an [AssertionError] with the whole transcript when the time is over or when the process
  /// has closed both streams without writing it.
  public Line await(String part, Duration atMost) {
    return await(text -> text.contains(part), "a line with '" + part + "'", atMost);
  }

  /// The first line that `matches`, as soon as there is one; `what` describes it for the error.
  public Line await(Predicate<String> matches, String what, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    lock.lock();
    try {
      while (true) {
        Optional<Line> found = lines.stream().filter(line -> matches.test(line.text())).findFirst();
        if (found.isPresent()) {
          return found.get();
        }
        long left = deadline - System.nanoTime();
        if (left <= 0 || openStreams == 0) {
          String why = left <= 0 ? "within " + atMost.toMillis() + " ms" : "before the end";
          throw new AssertionError("expected " + what + " " + why + ", but saw:\n" + this);
        }
        awaitChange(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until both streams have ended: the process and all that inherited its streams are gone.
  boolean awaitEnd(Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    lock.lock();
    try {
      while (openStreams > 0) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        awaitChange(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void awaitChange(long nanos) {
    try {
      boolean inTime = changed.await(nanos, TimeUnit.NANOSECONDS);
      assert inTime || nanos > 0;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for output", interrupted);
    }
  }

  @Override
  public String toString() {
    return lines().stream().map(Line::toString).collect(Collectors.joining("\n"));
  }
}
