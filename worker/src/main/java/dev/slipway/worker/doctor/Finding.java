package dev.slipway.worker.doctor;

/// What one check of the machine came to.
///
/// @param subject what was looked at, in one or two words
/// @param found what is there
/// @param remedy what the operator does about it; empty when nothing is wrong
public record Finding(String subject, Verdict verdict, String found, String remedy) {
  /// How a subject stands.
  public enum Verdict {
    /// As it should be.
    GOOD,
    /// Something works less well, or not at all, without it.
    LIMITED,
    /// No container can run without it.
    MISSING
  }

  static Finding good(String subject, String found) {
    return new Finding(subject, Verdict.GOOD, found, "");
  }

  static Finding limited(String subject, String found, String remedy) {
    return new Finding(subject, Verdict.LIMITED, found, remedy);
  }

  static Finding missing(String subject, String found, String remedy) {
    return new Finding(subject, Verdict.MISSING, found, remedy);
  }

  /// One line for the terminal, and a second one when there is something to do.
  public String line() {
    String mark =
        switch (verdict) {
          case GOOD -> "ok     ";
          case LIMITED -> "limited";
          case MISSING -> "MISSING";
        };
    String line = "%s  %-16s %s".formatted(mark, subject, found);
    return remedy.isEmpty() ? line : line + "\n         %-16s -> %s".formatted("", remedy);
  }
}
