package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.image.BuildListener;
import dev.slipway.controlplane.image.BuildOutcome;
import dev.slipway.model.BuildId;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// Which worker builds what, and who wants to hear of its end.
final class OngoingBuilds {
  private record Ongoing(String workerId, BuildListener listener) {}

  private final ConcurrentHashMap<BuildId, Ongoing> builds = new ConcurrentHashMap<>();

  void add(BuildId build, String workerId, BuildListener listener) {
    builds.put(build, new Ongoing(workerId, listener));
  }

  java.util.Optional<String> findWorker(BuildId build) {
    return java.util.Optional.ofNullable(builds.get(build)).map(Ongoing::workerId);
  }

  void finish(BuildId build, BuildOutcome outcome) {
    Ongoing ongoing = builds.remove(build);
    if (ongoing != null) {
      ongoing.listener().finished(outcome);
    }
  }

  /// Ends the builds that a worker had and that are not among those that it still has.
  void failMissing(String workerId, List<BuildId> still, String reason) {
    builds.forEach((build, ongoing) -> {
      if (ongoing.workerId().equals(workerId) && !still.contains(build)) {
        finish(build, new BuildOutcome.Failed(BuildOutcome.Kind.MACHINE, reason, 0));
      }
    });
  }
}
