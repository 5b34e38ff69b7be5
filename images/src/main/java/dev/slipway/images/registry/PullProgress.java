package dev.slipway.images.registry;

import dev.slipway.model.Digest;

/// Hears how a pull goes on. Called from several threads.
public interface PullProgress {
  /// A layer has come this far; the last call for a layer says that all of it is here.
  ///
  /// @param bytes that are here
  /// @param total bytes of the layer
  void downloaded(Digest layer, long bytes, long total);

  /// Something that is worth a line of the log.
  void note(String sentence);
}
