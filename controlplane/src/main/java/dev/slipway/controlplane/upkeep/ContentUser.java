package dev.slipway.controlplane.upkeep;

import dev.slipway.model.Digest;
import java.util.Collection;
import java.util.Set;

/// A feature that keeps bytes in the content store. Every such feature must be known to the
/// [ContentChore]: it deletes what nobody uses.
@FunctionalInterface
public interface ContentUser {
  /// Those of the contents that the feature still needs.
  Set<Digest> listUsed(Collection<Digest> digests);
}
