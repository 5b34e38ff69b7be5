package dev.slipway.worker.agent;

import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.worker.rootfs.MountReference;
import dev.slipway.worker.rootfs.RootFilesystem;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Keeps what containers wrote to their root file systems, as layers of new images.
public interface LayerKeeping {
  /// A root file system whose changes may become a layer.
  interface Keeper extends AutoCloseable {
    RootFilesystem root();

    /// Watches how much the container writes, from when it runs.
    ///
    /// @param stop ends the container, when it is too much
    void limit(Runnable stop) throws IOException;

    /// Why the container was stopped, if it wrote too much.
    Optional<String> overrun();

    /// Makes a layer of the changes. The container must have ended.
    BuiltImage keep() throws IOException, InterruptedException;

    /// Drops what was not kept.
    @Override
    void close();
  }

  /// Composes the root file system of a task.
  Keeper open(StartTask order, List<MountReference> mounts)
      throws IOException, InterruptedException;
}
