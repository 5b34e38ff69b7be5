package dev.slipway.controlplane.call;

/// How many inputs a call has.
public enum CallKind {
  /// One, given when the call is made; its output is looked up by index.
  UNARY,
  /// Any number, put one batch after the other; its outputs are read with a cursor.
  MAP
}
