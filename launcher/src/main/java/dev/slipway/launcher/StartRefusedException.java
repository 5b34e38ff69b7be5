package dev.slipway.launcher;

/// A start that cannot be, with a sentence for the operator and the status to leave with.
final class StartRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitStatus status;

  StartRefusedException(ExitStatus status, String sentence) {
    super(sentence);
    this.status = status;
  }

  StartRefusedException(ExitStatus status, String sentence, Throwable cause) {
    super(sentence, cause);
    this.status = status;
  }

  ExitStatus status() {
    return status;
  }
}
