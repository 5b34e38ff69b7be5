package dev.slipway.controlplane.image;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of a published image.
///
/// @param environment as its user wrote it; empty for the caller's own
/// @param name with its tag: `bakery:latest`
public record ImageName(String environment, String name) {
  private static final Pattern SHAPE =
      Pattern.compile("(?:(.+)/)?([A-Za-z0-9._-]{1,64})(?::([A-Za-z0-9._-]{1,64}))?");

  /// Reads `[ENVIRONMENT/]NAME[:TAG]`; the tag is `latest` when none is written.
  ///
  /// @throws SlipwayException INVALID for anything else
  public static ImageName parse(String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (text.length() > 300 || !matcher.matches() || matcher.group(2).startsWith("im-")) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' is no name of an image; such a name is like bakery:v1"
              .formatted(Shown.atMost(text, 80)));
    }
    String environment = matcher.group(1) == null ? "" : matcher.group(1);
    String tag = matcher.group(3) == null ? "latest" : matcher.group(3);
    return new ImageName(environment, matcher.group(2) + ":" + tag);
  }
}
