package dev.slipway.launcher;

import dev.slipway.controlplane.app.SilentAppChore;
import dev.slipway.controlplane.object.SharedObjects;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What an operator may set by environment variables.
///
/// @param appHeartbeatTimeout how long the client of an ephemeral app may be silent
/// @param objectHeartbeatTimeout how long the client of an ephemeral dict or queue may be silent
/// @param masterKeyFile where the key lies that encrypts secrets; empty: in the data directory
record Settings(
    Duration appHeartbeatTimeout, Duration objectHeartbeatTimeout, Optional<Path> masterKeyFile) {
  static final String APP_HEARTBEAT_TIMEOUT = "SLIPWAY_APP_HEARTBEAT_TIMEOUT_SECONDS";
  static final String MASTER_KEY_FILE = "SLIPWAY_MASTER_KEY_FILE";
  static final String OBJECT_HEARTBEAT_TIMEOUT = "SLIPWAY_OBJECT_HEARTBEAT_TIMEOUT_SECONDS";

  /// The shortest timeout: two of the client's own heartbeats are 15 s apart.
  private static final int SHORTEST_APP_SECONDS = 16;

  /// The client's heartbeats are 300 s apart, unless the program says otherwise.
  private static final int SHORTEST_OBJECT_SECONDS = 2;

  private static final int LONGEST_SECONDS = 86_400;

  static Settings of(Map<String, String> environment) {
    return new Settings(
        seconds(
            environment,
            APP_HEARTBEAT_TIMEOUT,
            SHORTEST_APP_SECONDS,
            SilentAppChore.DEFAULT_ALLOWED_SILENCE),
        seconds(
            environment,
            OBJECT_HEARTBEAT_TIMEOUT,
            SHORTEST_OBJECT_SECONDS,
            SharedObjects.DEFAULT_ALLOWED_SILENCE),
        masterKeyFile(environment));
  }

  private static Optional<Path> masterKeyFile(Map<String, String> environment) {
    String value = environment.getOrDefault(MASTER_KEY_FILE, "").strip();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    Path file = Path.of(value);
    if (!file.isAbsolute()) {
      throw new StartRefusedException(
          ExitStatus.USAGE,
          "%s is '%s'; the absolute path of a file is expected".formatted(MASTER_KEY_FILE, value));
    }
    return Optional.of(file);
  }

  /// The file of the master key.
  Path masterKey(Path data) {
    return masterKeyFile.orElseGet(() -> data.resolve("master-key"));
  }

  private static Duration seconds(
      Map<String, String> environment, String name, int shortest, Duration usual) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      return usual;
    }
    try {
      int seconds = Integer.parseInt(value.strip());
      if (seconds >= shortest && seconds <= LONGEST_SECONDS) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // Refused below, with the value.
    }
    throw new StartRefusedException(
        ExitStatus.USAGE,
        "%s is '%s'; a number of seconds between %d and %d is expected"
            .formatted(name, value, shortest, LONGEST_SECONDS));
  }

  /// How often to look for silent apps.
  Duration silentAppInterval() {
    return appHeartbeatTimeout.dividedBy(6);
  }

  /// How often to look for ephemeral objects that nobody needs.
  Duration silentObjectInterval() {
    return objectHeartbeatTimeout.dividedBy(6);
  }
}
