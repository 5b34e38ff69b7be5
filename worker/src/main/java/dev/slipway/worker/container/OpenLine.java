package dev.slipway.worker.container;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/// What one stream of a container has written of a line that has no end yet. Programs often end a
/// line by a write of its own; handed on as it came, the words of two containers would stand in one
/// line of the terminal. So a piece waits for the end of its line, but not for long: a question or
/// a progress bar has none.
///
/// Times are those of [System#nanoTime()]. For one thread at a time.
final class OpenLine {
  /// Longest time that a piece waits for the end of its line.
  static final Duration PATIENCE = Duration.ofMillis(100);

  /// Most characters that wait.
  static final int MAX_CHARACTERS = 8 << 10;

  private final long patienceNanos;
  private final StringBuilder held = new StringBuilder();
  private long writtenAt;
  private long heldSince;

  OpenLine(Duration patience) {
    patienceNanos = patience.toNanos();
  }

  /// Text to hand on.
  ///
  /// @param writtenAt when its first character was read, in nanoseconds since the epoch
  record Piece(long writtenAt, String text) {}

  /// Takes what was read now, and gives all that need not wait, in the order in which it was
  /// written.
  Optional<Piece> add(String text, long writtenAt, long now) {
    int end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (text.length() - end > MAX_CHARACTERS
        || (end == 0 && held.length() + text.length() > MAX_CHARACTERS)) {
      end = text.length();
    }
    if (held.isEmpty()) {
      this.writtenAt = writtenAt;
      heldSince = now;
    }
    held.append(text, 0, end);
    Optional<Piece> whole = end == 0 ? Optional.empty() : takeAll();
    if (whole.isPresent()) {
      this.writtenAt = writtenAt;
      heldSince = now;
    }
    held.append(text, end, text.length());
    return whole;
  }

  /// How long what waits may still wait, in nanoseconds: zero or less when its time is over, empty
  /// when nothing waits.
  OptionalLong patienceLeft(long now) {
    return held.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(patienceNanos - (now - heldSince));
  }

  /// All that waits.
  Optional<Piece> takeAll() {
    if (held.isEmpty()) {
      return Optional.empty();
    }
    Piece piece = new Piece(writtenAt, held.toString());
    held.setLength(0);
    return Optional.of(piece);
  }
}
