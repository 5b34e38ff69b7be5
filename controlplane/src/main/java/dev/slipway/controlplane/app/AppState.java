package dev.slipway.controlplane.app;

/// The states of an app.
public enum AppState {
  /// Created by a deploy that has not published yet; dropped when its client goes away.
  INITIALIZING(true),
  /// Lives as long as its client sends heartbeats.
  EPHEMERAL(true),
  /// Goes on when its client leaves.
  DETACHED(true),
  /// Detached, and its client has left: it ends when its calls have.
  DETACHED_DISCONNECTED(true),
  /// Has a name, and stays until it is stopped.
  DEPLOYED(true),
  /// Over; nothing of it runs and nothing of it will.
  STOPPED(false);

  private final boolean active;

  AppState(boolean active) {
    this.active = active;
  }

  /// Whether its functions may have containers.
  public boolean active() {
    return active;
  }

  /// Whether something changes when its client sends no heartbeats any more.
  public boolean needsHeartbeats() {
    return switch (this) {
      case INITIALIZING, EPHEMERAL, DETACHED -> true;
      case DETACHED_DISCONNECTED, DEPLOYED, STOPPED -> false;
    };
  }
}
