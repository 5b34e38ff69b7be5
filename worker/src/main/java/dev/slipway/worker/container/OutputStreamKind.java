package dev.slipway.worker.container;

/// The two streams that a process writes to.
public enum OutputStreamKind {
  STDOUT,
  STDERR
}
