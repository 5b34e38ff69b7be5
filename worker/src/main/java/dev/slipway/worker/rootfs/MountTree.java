package dev.slipway.worker.rootfs;

import dev.slipway.model.MountId;
import java.nio.file.Path;
import java.util.List;

/// The files of a mount as a directory on this machine, to be used as a lower directory.
///
/// @param root directory that stands for the container's `/`
/// @param directories every directory in it, without the root itself, parents first, as paths that
///   start with `/`
public record MountTree(MountId id, Path root, List<String> directories) {
  public MountTree {
    directories = List.copyOf(directories);
  }
}
