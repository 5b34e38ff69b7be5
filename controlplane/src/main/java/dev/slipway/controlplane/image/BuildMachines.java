package dev.slipway.controlplane.image;

import dev.slipway.model.BuildId;
import java.util.Optional;

/// The machines that build images.
public interface BuildMachines {
  /// Has a machine build the layer; returns at once. When no machine is attached, the build waits
  /// for one. When its machine goes away and does not come back with the build, the listener hears
  /// of a failure of kind MACHINE.
  void start(BuildRequest request, BuildListener listener);

  /// Why a build could not begin now: one sentence, or empty when a machine is there.
  Optional<String> whyBuildsWait();

  /// Stops a build. Does nothing for one that has ended. Its listener hears of the end at most.
  void cancel(BuildId id, String reason);
}
