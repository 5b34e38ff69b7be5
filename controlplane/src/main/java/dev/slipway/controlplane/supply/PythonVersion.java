package dev.slipway.controlplane.supply;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A minor version of Python, such as 3.11: what compiled packages are made for.
record PythonVersion(int major, int minor) implements Comparable<PythonVersion> {
  private static final Pattern SHAPE = Pattern.compile("(\\d)\\.(\\d{1,2})");

  /// Reads "3.11".
  static PythonVersion parse(String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + text + "' is not a minor version of Python such as 3.11");
    }
    return new PythonVersion(
        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /// The tag of compiled packages for it, such as `cp311`.
  String tag() {
    return "cp" + major + minor;
  }

  @Override
  public int compareTo(PythonVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
