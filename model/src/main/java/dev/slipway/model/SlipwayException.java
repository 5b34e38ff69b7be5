package dev.slipway.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A failure with a sentence for the user. The sentence names the offending value and what was
/// expected.
public final class SlipwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;
  private final @Nullable Duration retryAfter;

  public SlipwayException(ErrorKind kind, String message) {
    this(kind, message, (Duration) null);
  }

  private SlipwayException(ErrorKind kind, String message, @Nullable Duration retryAfter) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  public SlipwayException(ErrorKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.retryAfter = null;
  }

  /// EXHAUSTED for now: the caller does right to come back after this time, however often.
  public static SlipwayException comeBack(Duration after, String message) {
    return new SlipwayException(ErrorKind.EXHAUSTED, message, after);
  }

  public ErrorKind kind() {
    return kind;
  }

  /// When the caller should come back; empty when nobody can tell that it helps.
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
