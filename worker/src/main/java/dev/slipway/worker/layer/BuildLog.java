package dev.slipway.worker.layer;

import dev.slipway.worker.container.OutputSink;

/// Hears what happens while layers are made: what processes write, and what the platform says about
/// it.
public interface BuildLog extends OutputSink {
  /// Takes a line of the platform itself.
  ///
  /// @param line without a line end
  void say(String line) throws InterruptedException;
}
