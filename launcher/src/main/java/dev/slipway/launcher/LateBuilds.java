package dev.slipway.launcher;

import dev.slipway.controlplane.fleet.FunctionBuilds;
import dev.slipway.controlplane.image.BuildListener;
import dev.slipway.controlplane.image.BuildMachines;
import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.model.BuildId;
import java.util.Optional;

/// Builds need calls, and calls need images.
record LateBuilds(Late<FunctionBuilds> builds) implements BuildMachines {
  @Override
  public void start(BuildRequest request, BuildListener listener) {
    builds.get().start(request, listener);
  }

  @Override
  public Optional<String> whyBuildsWait() {
    return builds.get().whyBuildsWait();
  }

  @Override
  public void cancel(BuildId id, String reason) {
    builds.get().cancel(id, reason);
  }
}
