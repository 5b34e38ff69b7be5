package dev.slipway.controlplane.secret;

import dev.slipway.controlplane.object.SharedObject;
import dev.slipway.model.SecretId;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;

/// What may be told about a secret: everything but its values.
///
/// @param names of its variables
/// @param usedAt when a container or a build last got it, give or take a minute
record Secret(SharedObject object, SortedSet<String> names, Optional<Instant> usedAt) {
  SecretId id() {
    return new SecretId(object.id());
  }
}
