package dev.slipway.images.registry;

import java.io.IOException;

/// Knows which layers are on this machine, so that they need not be downloaded again.
public interface UnpackedLayers {
  /// What a pull may do with a layer.
  enum Standing {
    /// It must be downloaded.
    MISSING,
    /// It is here, for everybody.
    FOR_ALL,
    /// It is here, for those whom the registry lets read it.
    FOR_READERS
  }

  /// Looks for a layer before it would be downloaded. Called by the thread that pulls, for each
  /// layer of the image in order, and again when another address of the registry is tried.
  ///
  /// @return FOR_ALL or FOR_READERS only for bytes of this very digest that were unpacked here, and
  ///   held what the image announces; such a layer stays while the pull needs it
  Standing look(PulledImage.Layer layer) throws IOException;

  /// Whether another pull without a login has put the layer's bytes into the content store, where
  /// they stay while this pull needs them. Asked after [#look], by several threads.
  default boolean isShared(PulledImage.Layer layer) {
    return false;
  }

  /// This pull, without a login, has put the layer's bytes into the content store. Called by
  /// several threads.
  default void share(PulledImage.Layer layer) {}

  /// Where nothing is unpacked.
  static UnpackedLayers none() {
    return _ -> Standing.MISSING;
  }
}
