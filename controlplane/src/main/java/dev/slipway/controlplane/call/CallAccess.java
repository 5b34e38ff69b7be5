package dev.slipway.controlplane.call;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.model.CallId;

/// Who may see a call: whoever belongs to the workspace of its app. For others there is no such
/// call.
record CallAccess(Calls calls, Apps apps) {
  CallId require(RpcContext context, String wireId) {
    CallId id = new CallId(wireId);
    boolean own =
        apps.find(calls.requireApp(id))
            .filter(app -> app.workspace().equals(context.workspace()))
            .isPresent();
    if (!own) {
      throw Calls.missing(id);
    }
    return id;
  }
}
