package dev.slipway.controlplane.rpc;

import java.util.Optional;

/// Which worker a worker token belongs to. Asked once per call, so the answer must be cheap.
@FunctionalInterface
public interface WorkerTokens {
  Optional<Caller.Worker> find(String token);
}
