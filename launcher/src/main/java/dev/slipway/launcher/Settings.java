package dev.slipway.launcher;

import dev.slipway.controlplane.app.SilentAppChore;
import java.time.Duration;
import java.util.Map;

/// What an operator may set by environment variables.
///
/// @param appHeartbeatTimeout how long the client of an ephemeral app may be silent
record Settings(Duration appHeartbeatTimeout) {
  static final String APP_HEARTBEAT_TIMEOUT = "SLIPWAY_APP_HEARTBEAT_TIMEOUT_SECONDS";

  /// The shortest timeout: two of the client's own heartbeats are 15 s apart.
  private static final int SHORTEST_SECONDS = 16;

  private static final int LONGEST_SECONDS = 3_600;

  static Settings of(Map<String, String> environment) {
    String value = environment.get(APP_HEARTBEAT_TIMEOUT);
    if (value == null || value.isBlank()) {
      return new Settings(SilentAppChore.DEFAULT_ALLOWED_SILENCE);
    }
    try {
      int seconds = Integer.parseInt(value.strip());
      if (seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) {
        return new Settings(Duration.ofSeconds(seconds));
      }
    } catch (NumberFormatException e) {
      // Refused below, with the value.
    }
    throw new StartRefusedException(
        ExitStatus.USAGE,
        "%s is '%s'; a number of seconds between %d and %d is expected"
            .formatted(APP_HEARTBEAT_TIMEOUT, value, SHORTEST_SECONDS, LONGEST_SECONDS));
  }

  /// How often to look for silent apps.
  Duration silentAppInterval() {
    return appHeartbeatTimeout.dividedBy(6);
  }
}
