package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// An app at one moment.
///
/// @param name of the deployment; empty for apps that were never deployed
/// @param version the valid version of a deployed app; 0 for others
/// @param published what is valid now
public record App(
    AppId id,
    WorkspaceId workspace,
    EnvironmentId environment,
    String environmentName,
    Optional<String> name,
    String description,
    AppState state,
    int version,
    String clientVersion,
    Map<String, String> tags,
    Publication published,
    Instant createdAt,
    Optional<Instant> deployedAt,
    Optional<Instant> stoppedAt) {
  public App {
    tags = Map.copyOf(tags);
  }

  public Map<String, String> functionIds() {
    return published.functionIds();
  }

  public Map<String, String> classIds() {
    return published.classIds();
  }

  App withState(AppState changed) {
    return new App(
        id,
        workspace,
        environment,
        environmentName,
        name,
        description,
        changed,
        version,
        clientVersion,
        tags,
        published,
        createdAt,
        deployedAt,
        stoppedAt);
  }

  App withTags(Map<String, String> changed) {
    return new App(
        id,
        workspace,
        environment,
        environmentName,
        name,
        description,
        state,
        version,
        clientVersion,
        changed,
        published,
        createdAt,
        deployedAt,
        stoppedAt);
  }

  /// The same with other functions and classes: what a container of another version sees.
  public App withPublished(Publication changed) {
    return new App(
        id,
        workspace,
        environment,
        environmentName,
        name,
        description,
        state,
        version,
        clientVersion,
        tags,
        changed,
        createdAt,
        deployedAt,
        stoppedAt);
  }

  App withDeployed(String deploymentName, int deployedVersion, Instant at) {
    return new App(
        id,
        workspace,
        environment,
        environmentName,
        Optional.of(deploymentName),
        description,
        AppState.DEPLOYED,
        deployedVersion,
        clientVersion,
        tags,
        published,
        createdAt,
        Optional.of(at),
        stoppedAt);
  }

  App withStopped(Instant at) {
    return new App(
        id,
        workspace,
        environment,
        environmentName,
        name,
        description,
        AppState.STOPPED,
        version,
        clientVersion,
        tags,
        published,
        createdAt,
        deployedAt,
        Optional.of(at));
  }
}
