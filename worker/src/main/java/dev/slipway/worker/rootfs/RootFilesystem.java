package dev.slipway.worker.rootfs;

import dev.slipway.content.files.Trees;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.layer.Uses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A mounted root file system. What its container writes goes into a directory of its own.
public final class RootFilesystem implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RootFilesystem.class);

  private final Path root;
  private final LayeredView image;
  private final List<Path> leftovers;
  private final Uses.Hold hold;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// @param hold of what lies below it
  RootFilesystem(Path root, LayeredView image, List<Path> leftovers, Uses.Hold hold) {
    this.root = root;
    this.image = image;
    this.leftovers = List.copyOf(leftovers);
    this.hold = hold;
  }

  /// The directory that becomes the container's `/`.
  public Path root() {
    return root;
  }

  /// What it looked like before anything was written to it.
  public LayeredView image() {
    return image;
  }

  /// Unmounts it and deletes what belonged to it alone. The container must have ended. A second
  /// call does nothing.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      FileSystems.detach(root);
      for (Path leftover : leftovers) {
        Trees.delete(leftover);
      }
      hold.close();
    } catch (IOException e) {
      log.warn("{} stays until the next start: {}", root, e.toString());
    }
  }
}
