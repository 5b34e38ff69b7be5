package dev.slipway.controlplane.image;

import dev.slipway.model.BuildId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Where the output of builds goes.
public final class BuildLogs {
  private final Map<BuildId, OngoingBuild> ongoing = new ConcurrentHashMap<>();

  /// Keeps what a build said and shows it to whoever follows the build. Returns when it is stored.
  /// What a build says that is not under way any more is dropped.
  public void append(BuildId build, List<BuildLogEntry> entries) {
    find(build).ifPresent(found -> found.append(entries));
  }

  void open(OngoingBuild build) {
    ongoing.put(build.image().build(), build);
  }

  Optional<OngoingBuild> find(BuildId build) {
    return Optional.ofNullable(ongoing.get(build));
  }

  void close(OngoingBuild build) {
    ongoing.remove(build.image().build());
    build.end();
  }
}
