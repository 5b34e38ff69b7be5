package dev.slipway.worker.container;

/// Takes what a container writes, in the order in which each stream wrote it.
///
/// Called by one thread at a time per stream. It may block: then nobody reads the container's pipe,
/// and once the pipe is full the container's own write blocks. That is the backpressure.
@FunctionalInterface
public interface OutputSink {
  /// @param timestampNanos when its first character was read, in nanoseconds since the epoch
  /// @param text whole lines, but for what had to wait too long for the end of its line; never ends
  ///   in the middle of a character
  void accept(OutputStreamKind stream, long timestampNanos, String text)
      throws InterruptedException;
}
