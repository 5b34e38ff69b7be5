package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;

/// What the log must know of apps.
@FunctionalInterface
public interface AppStates {

  /// Whether the app says nothing more: it has stopped, and the last of its containers is gone.
  boolean isOver(AppId app);
}
