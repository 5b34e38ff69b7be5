package dev.slipway.controlplane.image;

import dev.slipway.model.BuildId;
import dev.slipway.model.ImageConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Machines that build what the test tells them to have built.
final class FakeBuildMachines implements BuildMachines {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final BlockingQueue<BuildRequest> started = new LinkedBlockingQueue<>();
  private final Map<BuildId, BuildListener> listeners = new ConcurrentHashMap<>();
  private final Map<BuildId, String> cancelled = new ConcurrentHashMap<>();

  @Override
  public void start(BuildRequest request, BuildListener listener) {
    listeners.put(request.id(), listener);
    started.add(request);
  }

  @Override
  public Optional<String> whyBuildsWait() {
    return Optional.empty();
  }

  @Override
  public void cancel(BuildId id, String reason) {
    cancelled.put(id, reason);
  }

  /// The next build that a machine was asked for.
  BuildRequest takeStarted() throws InterruptedException {
    return Objects.requireNonNull(
        started.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), "no build was started");
  }

  /// The builds that were asked for and not taken.
  List<BuildRequest> listStarted() {
    return List.copyOf(started);
  }

  String reasonOfCancel(BuildId id) {
    return cancelled.getOrDefault(id, "(not cancelled)");
  }

  /// Lets a build end well, with its own layer on top of those of its base.
  void succeed(BuildRequest request) {
    finish(request, new BuildOutcome.Built(contents(request)));
  }

  void finish(BuildRequest request, BuildOutcome outcome) {
    Objects.requireNonNull(listeners.get(request.id())).finished(outcome);
  }

  static ImageContents contents(BuildRequest request) {
    List<String> layers = new ArrayList<>();
    Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin"));
    switch (request.image().base()) {
      case BuildBase.Reference reference -> layers.add("base-of-" + request.image().layerId());
      case BuildBase.Stage stage -> layers.add(request.stages().get(stage.index()).layerId());
      case BuildBase.Parent parent -> {
        layers.addAll(parent.layerIds());
        environment.putAll(parent.config().environment());
      }
    }
    layers.add(request.image().layerId());
    return new ImageContents(
        layers,
        ImageConfig.empty().withEnvironment(environment).withWorkingDirectory("/work"),
        "Python 3.11.7 (main)",
        Map.of("pip", "24.0"),
        "glibc 2.36",
        "sha256:abc",
        1_234);
  }
}
