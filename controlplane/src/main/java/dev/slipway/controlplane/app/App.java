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
/// @param version how many times it was published as a deployment
/// @param functionIds tag to function id, as published last
/// @param classIds tag to class id, as published last
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
    Map<String, String> functionIds,
    Map<String, String> classIds,
    Instant createdAt,
    Optional<Instant> deployedAt,
    Optional<Instant> stoppedAt) {
  public App {
    tags = Map.copyOf(tags);
    functionIds = Map.copyOf(functionIds);
    classIds = Map.copyOf(classIds);
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
        functionIds,
        classIds,
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
        functionIds,
        classIds,
        createdAt,
        deployedAt,
        stoppedAt);
  }

  App withPublished(AppState changed, Map<String, String> functions, Map<String, String> classes) {
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
        functions,
        classes,
        createdAt,
        deployedAt,
        stoppedAt);
  }

  App withDeployed(String deploymentName, Instant at) {
    return new App(
        id,
        workspace,
        environment,
        environmentName,
        Optional.of(deploymentName),
        description,
        AppState.DEPLOYED,
        version + 1,
        clientVersion,
        tags,
        functionIds,
        classIds,
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
        functionIds,
        classIds,
        createdAt,
        deployedAt,
        Optional.of(at));
  }
}
