package dev.slipway.controlplane.rpc;

import java.util.Optional;

/// Whom a client's token belongs to. Asked once per call, so the answer must be cheap.
@FunctionalInterface
public interface ClientTokens {
  Optional<Caller.Client> find(String tokenId, String tokenSecret);
}
