package dev.slipway.worker.agent;

import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.StartBuild;
import java.time.Instant;

/// Builds images; what it says goes to the log of the build.
public interface Building {
  /// Where a build's words go.
  interface Log {
    void stdout(Instant at, String text) throws InterruptedException;

    void stderr(Instant at, String text) throws InterruptedException;

    /// Said by the platform.
    void system(Instant at, String text) throws InterruptedException;
  }

  /// Builds on the calling thread; an interrupt ends the build.
  BuildFinished build(StartBuild order, Log log) throws InterruptedException;
}
