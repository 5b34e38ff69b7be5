package dev.slipway.controlplane.supply;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Begins to fetch what the containers of an image will need while the image is still being built,
/// so that its first container does not wait for a package index.
public final class Foresight {
  /// The client writes which Python an image is for into the name of its base.
  private static final Pattern PYTHON_BASE =
      Pattern.compile("\\s*FROM\\s+(?:\\S*/)?python:(\\d\\.\\d{1,2})\\b.*");

  private final PlatformMounts mounts;

  public Foresight(PlatformMounts mounts) {
    this.mounts = mounts;
  }

  /// An image is being built that containers will be started from.
  ///
  /// @param clientVersion of the client that asked for it, whose runner it will run
  /// @param lines of the recipe
  public void expect(String clientVersion, String builderVersion, List<String> lines) {
    mounts.prepareClient(clientVersion);
    pythonOf(lines).ifPresent(minor -> mounts.prepareDependencies(builderVersion, minor));
  }

  static Optional<String> pythonOf(List<String> lines) {
    return lines.stream()
        .map(PYTHON_BASE::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .findFirst();
  }
}
