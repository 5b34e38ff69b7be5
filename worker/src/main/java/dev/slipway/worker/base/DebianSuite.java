package dev.slipway.worker.base;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The Debian releases that local bases are made of.
public enum DebianSuite {
  BULLSEYE(11, 31, "3.9", List.of("libssl1.1", "libffi7", "libreadline8", "libtirpc3")),
  BOOKWORM(12, 36, "3.11", List.of("libssl3", "libffi8", "libreadline8", "libtirpc3")),
  TRIXIE(13, 41, "3.13", List.of("libssl3t64", "libffi8", "libreadline8t64", "libtirpc3t64"));

  private final int number;
  private final int glibcMinor;
  private final String pythonMinor;
  private final List<String> libraries;

  DebianSuite(int number, int glibcMinor, String pythonMinor, List<String> libraries) {
    this.number = number;
    this.glibcMinor = glibcMinor;
    this.pythonMinor = pythonMinor;
    this.libraries = libraries;
  }

  /// The name that mirrors use.
  public String codename() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  public int number() {
    return number;
  }

  /// `n` of the suite's C library 2.n: programs that were built against a newer one do not start.
  public int glibcMinor() {
    return glibcMinor;
  }

  /// The Python that the suite itself has.
  public String pythonMinor() {
    return pythonMinor;
  }

  /// Packages of shared libraries whose names differ between suites.
  List<String> libraries() {
    return libraries;
  }

  /// The newest release, for references that name none.
  public static DebianSuite newest() {
    return TRIXIE;
  }

  /// By code name, `bookworm`, or number, `12`.
  public static Optional<DebianSuite> find(String name) {
    return Arrays.stream(values())
        .filter(suite -> suite.codename().equals(name) || name.equals("" + suite.number()))
        .findFirst();
  }
}
