package dev.slipway.controlplane.workspace;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.regex.Pattern;

/// A part of a workspace with names of its own: every app, secret and volume lives in one.
///
/// @param builderVersion what images are built with here; empty for what the server is set to; a
///   client that does not know it yet is told an older one
/// @param webSuffix what is added to the workspace's name in web addresses; empty for none
/// @param isDefault whether this is meant when a caller names none; one of each workspace is
public record Environment(
    EnvironmentId id,
    WorkspaceId workspace,
    String name,
    String builderVersion,
    String webSuffix,
    boolean isDefault,
    Instant createdAt) {

  static final int MAX_NAME_LENGTH = 64;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*");

  /// Refuses names that no environment may have.
  static String requireName(String name) {
    if (name.length() > MAX_NAME_LENGTH
        || !NAME.matcher(name).matches()
        || name.startsWith("en-")) {
      String shown = Shown.atMost(name, 80);
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'"
              + shown
              + "' cannot be the name of an environment; expected up to "
              + MAX_NAME_LENGTH
              + " letters, digits, dashes and underscores, not starting with 'en-'");
    }
    return name;
  }
}
