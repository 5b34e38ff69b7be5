package dev.slipway.testkit;

import java.time.Duration;

/// One line that a process wrote.
///
/// @param stream where it was written
/// @param at when it arrived here, counted from the start of the process
/// @param text the line without its end
public record Line(Stream stream, Duration at, String text) {
  /// The stream of a process that a line came from.
  public enum Stream {
    OUT,
    ERR
  }

  @Override
  public String toString() {
    String mark = stream == Stream.OUT ? "|" : "!";
    return "%7.3f %s %s".formatted(at.toMillis() / 1000.0, mark, text);
  }
}
