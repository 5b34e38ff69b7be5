package dev.slipway.controlplane.rpc;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;

/// Who is calling, as proven by the call's metadata and by nothing else.
public sealed interface Caller {

  /// Somebody with a token of a workspace: a developer's machine, a CI job, a service.
  record Client(WorkspaceId workspace, String tokenId) implements Caller {}

  /// Code in a container. It carries no credentials of its own: its worker says which task it is,
  /// because the call came in on that task's socket.
  record Task(TaskId task, WorkspaceId workspace, EnvironmentId environment, String environmentName)
      implements Caller {}

  /// A machine that runs containers, speaking for itself.
  record Worker(String workerId) implements Caller {}

  /// Nobody said who is calling. Only methods that are explicitly open to anyone see this.
  record Anonymous() implements Caller {}
}
