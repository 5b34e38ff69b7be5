package dev.slipway.controlplane.app;

/// What brought a version about.
public enum DeploymentKind {
  /// A deploy.
  STANDARD,
  /// An earlier version was made valid again.
  ROLLBACK,
  /// The same version again, with new containers.
  ROLLOVER,
  /// A staged version was made valid.
  PROMOTION,
  /// A deploy that waits for its promotion.
  STAGED
}
