package dev.slipway.images.plan;

import dev.slipway.model.Digest;
import java.util.Map;
import java.util.TreeMap;

/// The files that COPY can see, by what they are and not by where they came from.
///
/// @param files by their paths from the root of the context
public record BuildContext(Map<String, File> files) {
  /// A file, as far as it matters to an image: its times do not.
  ///
  /// @param mode permission bits
  public record File(Digest digest, int mode) {}

  public BuildContext {
    Map<String, File> rooted = new TreeMap<>();
    files.forEach((path, file) -> rooted.put(path.startsWith("/") ? path : "/" + path, file));
    files = java.util.Collections.unmodifiableMap(rooted);
  }

  public static BuildContext empty() {
    return new BuildContext(Map.of());
  }
}
