package dev.slipway.controlplane.workspace;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientDifferences;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The environments of workspaces: everything that has a name has it in one of them.
public final class Environments {
  /// Told before an environment goes, to end what lives in it.
  @FunctionalInterface
  public interface Occupants {
    void leave(Environment environment);
  }

  static final int MAX_ENVIRONMENTS = 1_500;

  private final WorkspaceStore store;
  private final IdSource ids;
  private final InstantSource clock;
  private final List<Occupants> occupants;

  public Environments(
      WorkspaceStore store,
      IdSource ids,
      InstantSource clock,
      List<? extends Occupants> occupants) {
    this.store = store;
    this.ids = ids;
    this.clock = clock;
    this.occupants = List.copyOf(occupants);
  }

  /// The environment that a caller means by this name. An empty name means the environment of the
  /// task that calls, or the default one for everybody else.
  public Environment require(RpcContext context, String nameOrEmpty) {
    if (nameOrEmpty.isEmpty() && context.caller() instanceof Caller.Task task) {
      return require(task.workspace(), task.environment());
    }
    return require(context.workspace(), nameOrEmpty);
  }

  /// The environment of that name; an empty name means the default one.
  public Environment require(WorkspaceId workspace, String nameOrEmpty) {
    return find(workspace, nameOrEmpty)
        .orElseThrow(() -> missing(nameOrEmpty.isEmpty() ? "(default)" : nameOrEmpty));
  }

  /// The environment of that id, if it belongs to the workspace.
  public Environment require(WorkspaceId workspace, EnvironmentId id) {
    return store.findEnvironment(workspace, id).orElseThrow(() -> missing(id.value()));
  }

  /// The environment of that name, if there is one; an empty name means the default one.
  public Optional<Environment> find(WorkspaceId workspace, String nameOrEmpty) {
    return nameOrEmpty.isEmpty()
        ? store.findDefaultEnvironment(workspace)
        : store.findEnvironment(workspace, nameOrEmpty);
  }

  /// All environments of the workspace, by name.
  public List<Environment> list(WorkspaceId workspace) {
    return store.listEnvironments(workspace);
  }

  /// Makes an environment.
  ///
  /// @param builderVersion the image builder version to use in it; empty for the server's
  public Environment create(WorkspaceId workspace, String name, String builderVersion) {
    Environment environment = prepare(workspace, name, builderVersion, false);
    if (list(workspace).size() >= MAX_ENVIRONMENTS) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "Environment '"
              + name
              + "' would be one more than the "
              + MAX_ENVIRONMENTS
              + " that a workspace may have");
    }
    if (!store.addEnvironment(environment)) {
      throw new SlipwayException(
          ErrorKind.EXISTS, "Environment '" + name + "' exists already in this workspace");
    }
    return environment;
  }

  /// Ends everything in the environment, then makes its name free.
  public void delete(WorkspaceId workspace, String name) {
    Environment environment = require(workspace, name);
    if (environment.isDefault()) {
      throw new SlipwayException(
          ErrorKind.CONFLICT,
          "Environment '"
              + environment.name()
              + "' is the workspace's default one and cannot be deleted");
    }
    occupants.forEach(occupant -> occupant.leave(environment));
    if (!store.deleteEnvironment(environment.id())) {
      throw missing(name);
    }
  }

  /// An environment with a new id that is not stored yet.
  Environment prepare(
      WorkspaceId workspace, String name, String builderVersion, boolean isDefault) {
    if (!builderVersion.isEmpty() && !ClientDifferences.BUILDER_VERSIONS.contains(builderVersion)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "Image builder version '"
              + builderVersion
              + "' is unknown; expected one of "
              + ClientDifferences.BUILDER_VERSIONS);
    }
    return new Environment(
        new EnvironmentId(ids.next("en")),
        workspace,
        Environment.requireName(name),
        builderVersion,
        isDefault ? "" : name,
        isDefault,
        // The database keeps microseconds.
        clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  private static SlipwayException missing(String name) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND,
        "Environment '"
            + name
            + "' is not in this workspace; 'modal environment list' shows those that are");
  }
}
