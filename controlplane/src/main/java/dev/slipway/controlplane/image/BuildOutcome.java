package dev.slipway.controlplane.image;

/// How a build ended.
public sealed interface BuildOutcome {
  /// The image is there.
  record Built(ImageContents contents) implements BuildOutcome {}

  /// Nothing was kept.
  ///
  /// @param message one sentence for the user, naming the step
  /// @param exitCode of the command that failed; 0 when no command did
  record Failed(Kind kind, String message, int exitCode) implements BuildOutcome {}

  /// Why a build failed.
  enum Kind {
    /// A step's command ended with an exit code other than 0.
    STEP_FAILED,
    /// Nobody can supply the base image.
    BASE_UNAVAILABLE,
    /// It took longer than it may.
    TIMEOUT,
    /// Somebody stopped it.
    CANCELLED,
    /// The recipe cannot be carried out, for instance because COPY finds no such file.
    INVALID,
    /// The machine is at fault: no space, or gone.
    MACHINE,
    /// The server stopped while the build ran.
    INTERRUPTED
  }
}
