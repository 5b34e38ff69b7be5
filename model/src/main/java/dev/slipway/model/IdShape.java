package dev.slipway.model;

import java.util.regex.Pattern;

/// What an id may look like: its prefix, one dash, and 1 to 64 letters or digits. The official
/// client refuses any other form, and ids end up in paths and host names.
final class IdShape {
  private static final Pattern BODY = Pattern.compile("[0-9A-Za-z]{1,64}");

  private IdShape() {}

  static void require(String prefix, String value) {
    if (!value.startsWith(prefix + "-")
        || !BODY.matcher(value.substring(prefix.length() + 1)).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'"
              + Shown.atMost(value, 80)
              + "' is no id of the form "
              + prefix
              + "-… that is expected here");
    }
  }
}
