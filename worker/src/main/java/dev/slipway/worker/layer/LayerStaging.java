package dev.slipway.worker.layer;

import dev.slipway.content.files.Trees;
import dev.slipway.worker.kernel.MountTable;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A layer in the making, invisible until it is committed. For one thread.
///
/// Whatever is mounted on [#diff] or below [#directory] must be unmounted before it is committed or
/// closed.
public final class LayerStaging implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LayerStaging.class);

  private final LayerStore store;
  private final Path directory;

  LayerStaging(LayerStore store, Path directory) {
    this.store = store;
    this.directory = directory;
  }

  /// Becomes the directory of the layer: files written here beside [#diff] stay with it.
  public Path directory() {
    return directory;
  }

  /// The files of the layer, empty at first and owned by the containers' root.
  public Path diff() {
    return directory.resolve(Layer.DIFF);
  }

  /// Makes the layer visible under its id, once its bytes are on the disk. When another one of this
  /// id became visible meanwhile, that one is returned and this one is dropped.
  public Layer commit(LayerId id) throws IOException {
    return store.commit(id, directory);
  }

  /// Deletes what was not committed.
  @Override
  public void close() {
    try {
      MountTable.detachBelow(directory);
      Trees.delete(directory);
    } catch (IOException e) {
      log.warn("{} stays until the next start: {}", directory, e.toString());
    }
  }
}
