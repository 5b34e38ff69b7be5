package dev.slipway.images.registry;

import java.util.OptionalInt;

/// Whose files on this machine are those of a container's user or group.
@FunctionalInterface
public interface Owners {
  /// The number on this machine; empty for a user that no container has.
  OptionalInt find(long id);
}
