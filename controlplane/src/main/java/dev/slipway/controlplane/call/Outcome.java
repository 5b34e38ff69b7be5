package dev.slipway.controlplane.call;

import java.util.Optional;

/// The result of one attempt of an input.
///
/// @param payload the container's own result message, opaque here; empty when the platform made the
///   result
/// @param message the platform's sentence; empty when the container made the result
/// @param dataFormat the client's number for how the payload's data is encoded; 0 without data
public record Outcome(
    OutcomeStatus status, Optional<byte[]> payload, String message, int dataFormat) {

  /// A result that the platform makes, with a sentence for the user.
  public static Outcome ofPlatform(OutcomeStatus status, String message) {
    return new Outcome(status, Optional.empty(), message, 0);
  }

  /// A result that a container made.
  public static Outcome ofContainer(OutcomeStatus status, byte[] payload, int dataFormat) {
    return new Outcome(status, Optional.of(payload), "", dataFormat);
  }
}
