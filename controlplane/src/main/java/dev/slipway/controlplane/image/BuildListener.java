package dev.slipway.controlplane.image;

/// Hears how a build ends. Called from any thread; the first call counts.
@FunctionalInterface
public interface BuildListener {
  void finished(BuildOutcome outcome);
}
