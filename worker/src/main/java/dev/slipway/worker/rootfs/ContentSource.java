package dev.slipway.worker.rootfs;

import dev.slipway.model.Digest;
import dev.slipway.model.MountId;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// Where a worker gets the files of mounts and build contexts from.
public interface ContentSource {
  /// One file of a mount.
  ///
  /// @param path absolute path in the container
  /// @param mode permission bits; 0 stands for [#DEFAULT_MODE]
  record MountFile(String path, Digest digest, long sizeBytes, int mode) {
    /// Permission bits of a file whose mount names none.
    public static final int DEFAULT_MODE = 0644;

    /// Permission bits, with the default filled in and nothing but permissions left.
    public int effectiveMode() {
      return mode == 0 ? DEFAULT_MODE : mode & 0777;
    }
  }

  /// The files of a mount, which are the same for ever.
  ///
  /// @throws dev.slipway.model.SlipwayException of kind `NOT_FOUND` when there is no such mount
  List<MountFile> readMount(MountId mount) throws IOException, InterruptedException;

  /// Writes some content. The caller checks the digest.
  ///
  /// @throws dev.slipway.model.SlipwayException of kind `NOT_FOUND` when it is not there
  void read(Digest digest, OutputStream into) throws IOException, InterruptedException;
}
