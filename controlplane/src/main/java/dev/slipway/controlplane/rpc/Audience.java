package dev.slipway.controlplane.rpc;

/// Who may call a method at all. What they may see there is the method's own business.
public enum Audience {
  /// Clients with a token and containers: the rule.
  IDENTIFIED,
  /// Machines that run containers.
  WORKERS,
  /// Everybody, also without credentials.
  ANYONE;

  boolean admits(Caller caller) {
    return switch (this) {
      case IDENTIFIED -> caller instanceof Caller.Client || caller instanceof Caller.Task;
      case WORKERS -> caller instanceof Caller.Worker;
      case ANYONE -> true;
    };
  }
}
