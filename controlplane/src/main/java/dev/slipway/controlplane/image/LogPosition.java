package dev.slipway.controlplane.image;

/// How far somebody has read the log of an image's build.
///
/// @param build the attempt whose log it is; empty for nobody's
/// @param sequence of the last entry that was read
record LogPosition(String build, long sequence) {
  /// Before the first entry of whatever build is the latest.
  static final LogPosition START = new LogPosition("", 0);

  /// The position that [#toString] wrote; what nobody wrote is the start.
  static LogPosition parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      return START;
    }
    try {
      return new LogPosition(
          text.substring(0, colon), Long.parseUnsignedLong(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      return START;
    }
  }

  @Override
  public String toString() {
    return build + ":" + sequence;
  }
}
