package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;

/// Whether calls of an app are unfinished.
@FunctionalInterface
public interface OpenWork {
  boolean has(AppId app);
}
