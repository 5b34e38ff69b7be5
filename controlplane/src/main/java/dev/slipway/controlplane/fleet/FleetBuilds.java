package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.image.BuildListener;
import dev.slipway.controlplane.image.BuildMachines;
import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.model.BuildId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.Optional;

/// Builds on the attached workers.
public final class FleetBuilds implements BuildMachines {
  /// How long a build waits for a worker to attach.
  static final Duration MAX_WAIT_FOR_WORKER = Duration.ofSeconds(60);

  private final Fleet fleet;
  private final OngoingBuilds ongoing = new OngoingBuilds();

  public FleetBuilds(Fleet fleet) {
    this.fleet = fleet;
  }

  OngoingBuilds ongoing() {
    return ongoing;
  }

  @Override
  public void start(BuildRequest request, BuildListener listener) {
    try {
      Fleet.Attached worker = fleet.awaitForBuild(MAX_WAIT_FOR_WORKER);
      ongoing.add(request.id(), worker.workerId(), listener);
      worker.line().build(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "the server is stopping", e);
    }
  }

  @Override
  public Optional<String> whyBuildsWait() {
    return fleet.list().isEmpty()
        ? Optional.of(
            "no worker is attached; one has %d s to come"
                .formatted(MAX_WAIT_FOR_WORKER.toSeconds()))
        : Optional.empty();
  }

  @Override
  public void cancel(BuildId build, String reason) {
    ongoing
        .findWorker(build)
        .flatMap(fleet::find)
        .ifPresent(worker -> worker.line().cancelBuild(build, reason));
  }
}
