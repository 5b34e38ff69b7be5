package dev.slipway.controlplane.log;

/// Where a line was written to.
public enum Channel {
  STDOUT(1),
  STDERR(2),
  /// Said by the platform.
  SYSTEM(3);

  private final short code;

  Channel(int code) {
    this.code = (short) code;
  }

  /// The number that is stored.
  short code() {
    return code;
  }

  static Channel ofCode(int code) {
    return switch (code) {
      case 1 -> STDOUT;
      case 2 -> STDERR;
      case 3 -> SYSTEM;
      default -> throw new IllegalStateException("no channel has the number " + code);
    };
  }
}
