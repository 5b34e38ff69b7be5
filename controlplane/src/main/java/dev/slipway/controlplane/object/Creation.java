package dev.slipway.controlplane.object;

/// What to do when an object of the wanted name is missing, or there.
public enum Creation {
  /// The object has to be there.
  LOOK_UP,
  /// It is made when it is missing.
  IF_MISSING,
  /// It must not be there yet.
  NEW,
  /// One without a name is made, for as long as heartbeats come.
  EPHEMERAL
}
