package dev.slipway.testkit;

import java.util.Optional;

/// Settings of a test run: system properties first, then environment variables.
public final class Settings {
  private Settings() {}

  /// The setting, unless it is absent or blank.
  public static Optional<String> find(String name) {
    return Optional.ofNullable(System.getProperty(name))
        .or(() -> Optional.ofNullable(System.getenv(name)))
        .filter(value -> !value.isBlank());
  }
}
