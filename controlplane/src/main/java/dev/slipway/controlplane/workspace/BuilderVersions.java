package dev.slipway.controlplane.workspace;

import dev.slipway.controlplane.rpc.ClientDifferences;
import dev.slipway.controlplane.rpc.RpcContext;

/// Which image builder version counts: that of the environment, else the server's.
///
/// @param usual for environments that say none
public record BuilderVersions(String usual) {
  /// What the environment is set to.
  String of(Environment environment) {
    return environment.builderVersion().isEmpty() ? usual : environment.builderVersion();
  }

  /// The same, or the newest one that this client knows.
  String of(RpcContext context, Environment environment) {
    return ClientDifferences.builderVersion(context, of(environment));
  }
}
