package dev.slipway.worker.layer;

import java.nio.file.Path;
import java.time.Instant;

/// A layer that is whole and will not change any more.
///
/// @param directory what the layer keeps: the files, and facts about them
/// @param sizeBytes sum of the sizes of its regular files, each file once however many names it has
/// @param empty whether it changes nothing: root file systems are composed without it
public record Layer(LayerId id, Path directory, long sizeBytes, boolean empty, Instant madeAt) {
  static final String DIFF = "diff";

  /// The files, as a lower directory of an overlay mount: owners shifted by
  /// [Ownership#CONTAINER_ROOT], deletions in overlayfs's own form.
  public Path diff() {
    return directory.resolve(DIFF);
  }
}
