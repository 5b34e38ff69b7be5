package dev.slipway.controlplane.image;

import dev.slipway.model.ImageId;
import java.time.Instant;
import java.util.List;

/// The images of all workspaces, for those who decide what is kept.
public final class KeptImages {
  private final ImageStore store;

  public KeptImages(ImageStore store) {
    this.store = store;
  }

  /// What is built or being built.
  public List<KeptImage> list() {
    return store.listKept();
  }

  /// Forgets a built image: the next request for its recipe builds it anew.
  ///
  /// @return false when it was used since, or is not there
  public boolean forget(ImageId id, Instant unlessUsedSince) {
    return store.forget(id, unlessUsedSince);
  }
}
