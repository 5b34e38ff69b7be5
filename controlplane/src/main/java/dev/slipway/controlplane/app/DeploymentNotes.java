package dev.slipway.controlplane.app;

import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;
import java.util.function.Function;

/// Notes down who deploys.
public final class DeploymentNotes {
  private final Function<WorkspaceId, String> names;

  /// @param names what a workspace is called
  public DeploymentNotes(Function<WorkspaceId, String> names) {
    this.names = names;
  }

  Deployment.Note of(RpcContext context, String tag, Optional<byte[]> commit) {
    return new Deployment.Note(
        context.clientVersion().toString(), names.apply(context.workspace()), tag, commit);
  }
}
