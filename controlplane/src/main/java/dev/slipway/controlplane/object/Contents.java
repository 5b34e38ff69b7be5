package dev.slipway.controlplane.object;

import org.jdbi.v3.core.Handle;

/// Writes what is in a new object, in the transaction that adds it: nobody sees one without the
/// other.
@FunctionalInterface
public interface Contents {
  /// For objects that are empty at first.
  Contents NONE = (handle, object) -> {};

  void write(Handle handle, SharedObject object);
}
