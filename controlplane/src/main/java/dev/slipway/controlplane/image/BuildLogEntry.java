package dev.slipway.controlplane.image;

/// Something that a build said.
///
/// @param timestampNs nanoseconds since the epoch
/// @param data text as the process wrote it; may end in the middle of a line
public record BuildLogEntry(Stream stream, long timestampNs, String data) {
  /// Where it was said.
  public enum Stream {
    STDOUT,
    STDERR,
    /// Said by the platform, not by a process.
    SYSTEM
  }
}
