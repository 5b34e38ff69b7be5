package dev.slipway.launcher;

/// What the process's exit status says. Scripts and service managers read these numbers: they stay.
enum ExitStatus {
  /// It could not do what was asked, and said why.
  FAILED(1),
  /// The command line is wrong.
  USAGE(2),
  /// Another program listens on the port.
  PORT_TAKEN(3),
  /// Another server uses the data directory.
  DATA_IN_USE(4),
  /// The data directory cannot be made, read or written.
  DATA_UNUSABLE(5),
  /// The database does not start or cannot be reached.
  DATABASE_UNAVAILABLE(6),
  /// A defect of this program.
  DEFECT(70);

  private final int code;

  ExitStatus(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
