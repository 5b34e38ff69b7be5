package dev.slipway.controlplane.workspace;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;

/// The workspaces of this installation.
public final class Workspaces {
  static final String DEFAULT_ENVIRONMENT = "main";

  private final WorkspaceStore store;
  private final Environments environments;
  private final IdSource ids;

  public Workspaces(WorkspaceStore store, Environments environments, IdSource ids) {
    this.store = store;
    this.environments = environments;
    this.ids = ids;
  }

  /// The workspace of that name, made together with its default environment when it is not there.
  public Workspace ensure(String name) {
    return store
        .findWorkspace(name)
        .orElseGet(() -> {
          Workspace made = new Workspace(new WorkspaceId(ids.next("ac")), name);
          store.addWorkspace(made, environments.prepare(made.id(), DEFAULT_ENVIRONMENT, "", true));
          // Another server may have been faster.
          return store.findWorkspace(name).orElse(made);
        });
  }

  /// The workspace of that id.
  public Workspace require(WorkspaceId id) {
    return store
        .findWorkspace(id)
        .orElseThrow(() ->
            new SlipwayException(ErrorKind.NOT_FOUND, "Workspace '" + id + "' does not exist"));
  }
}
