package dev.slipway.model;

/// A failure with a sentence for the user. The sentence names the offending value and what was
/// expected.
public final class SlipwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  public SlipwayException(ErrorKind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public SlipwayException(ErrorKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public ErrorKind kind() {
    return kind;
  }
}
