package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;

/// How many containers of an app there are now.
@FunctionalInterface
public interface RunningTasks {
  int count(AppId app);
}
