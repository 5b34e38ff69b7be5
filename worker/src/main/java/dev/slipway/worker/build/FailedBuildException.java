package dev.slipway.worker.build;

/// Ends a build from within one of its steps.
final class FailedBuildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BuildOutcome.Kind kind;
  private final int exitCode;

  FailedBuildException(BuildOutcome.Kind kind, String message, int exitCode) {
    super(message);
    this.kind = kind;
    this.exitCode = exitCode;
  }

  BuildOutcome.Failed outcome() {
    return new BuildOutcome.Failed(kind, String.valueOf(getMessage()), exitCode);
  }
}
