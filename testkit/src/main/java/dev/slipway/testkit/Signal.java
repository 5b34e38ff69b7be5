package dev.slipway.testkit;

/// The signals that stories send.
public enum Signal {
  /// Ctrl-C.
  INT,
  /// The polite request to end.
  TERM,
  /// The end without a word.
  KILL,
  STOP,
  CONT
}
