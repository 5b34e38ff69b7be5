package dev.slipway.controlplane.log;

/// Something that was said in one go.
///
/// @param timestampNanos nanoseconds since the epoch
/// @param data text as it was written: several lines, one, or a piece of one
public record LogLine(Channel channel, long timestampNanos, String data) {}
