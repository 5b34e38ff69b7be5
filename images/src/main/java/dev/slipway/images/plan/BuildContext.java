package dev.slipway.images.plan;

import dev.slipway.model.Digest;
import java.util.Map;
import java.util.Optional;

/// The contents that COPY sees, by what they are and not by where they came from.
///
/// @param files inline files: path to the digest of the contents
/// @param mount checksum over the paths, modes and contents of the context mount
public record BuildContext(Map<String, Digest> files, Optional<Digest> mount) {
  public BuildContext {
    files = Map.copyOf(files);
  }

  public static BuildContext empty() {
    return new BuildContext(Map.of(), Optional.empty());
  }
}
