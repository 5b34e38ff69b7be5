package dev.slipway.controlplane.rpc;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;

/// What a handler knows about the call besides the request itself.
///
/// @param caller who calls; never [Caller.Anonymous] unless the method is open to anyone
/// @param clientVersion meaningful together with the kind: the JavaScript and Go clients always
///   claim 1.0.0
/// @param idempotencyKey the same on every attempt of one logical call
public record RpcContext(
    Caller caller,
    ClientVersion clientVersion,
    ClientKind clientKind,
    Optional<String> idempotencyKey) {

  /// The workspace that the caller belongs to.
  public WorkspaceId workspace() {
    return switch (caller) {
      case Caller.Client client -> client.workspace();
      case Caller.Task task -> task.workspace();
      case Caller.Worker worker -> throw belongsToNone("worker " + worker.workerId());
      case Caller.Anonymous anonymous -> throw belongsToNone("a caller without a token");
    };
  }

  /// The task that calls, when the call comes from inside a container.
  public Optional<Caller.Task> task() {
    return caller instanceof Caller.Task task ? Optional.of(task) : Optional.empty();
  }

  /// The task that calls; every other caller is refused.
  public Caller.Task requireTask() {
    return task()
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.DENIED,
                "Only a running container may call this; "
                    + "this call did not come in on a container's socket"));
  }

  private static SlipwayException belongsToNone(String who) {
    return new SlipwayException(
        ErrorKind.DENIED, "This call acts on a workspace, and " + who + " belongs to none");
  }
}
