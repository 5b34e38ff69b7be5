package dev.slipway.launcher;

import dev.slipway.controlplane.app.SilentAppChore;
import dev.slipway.controlplane.image.BuildLimits;
import dev.slipway.controlplane.image.ImageStore;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.retention.RetentionLimits;
import dev.slipway.controlplane.rpc.ClientDifferences;
import dev.slipway.worker.build.BuildRoom;
import dev.slipway.worker.build.DownloadCaches;
import dev.slipway.worker.network.HostAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What an operator may set by environment variables.
///
/// @param appHeartbeatTimeout how long the client of an ephemeral app may be silent
/// @param objectHeartbeatTimeout how long the client of an ephemeral dict or queue may be silent
/// @param retentionLimits how much of layers and mounts a worker keeps
/// @param buildLimits what a build may take
/// @param builderVersion the image builder version of environments that say none
/// @param masterKeyFile where the key lies that encrypts secrets; empty: in the data directory
record Settings(
    Duration appHeartbeatTimeout,
    Duration objectHeartbeatTimeout,
    RetentionLimits retentionLimits,
    BuildLimits buildLimits,
    String builderVersion,
    Optional<Path> masterKeyFile) {
  static final String APP_HEARTBEAT_TIMEOUT = "SLIPWAY_APP_HEARTBEAT_TIMEOUT_SECONDS";
  static final String LAYER_BUDGET = "SLIPWAY_LAYER_BUDGET_MIB";
  static final String DOWNLOAD_CACHE = "SLIPWAY_DOWNLOAD_CACHE_MIB";
  static final String BUILD_TIMEOUT = "SLIPWAY_BUILD_TIMEOUT_SECONDS";
  static final String BUILD_CONTEXT = "SLIPWAY_BUILD_CONTEXT_MIB";
  static final String BUILD_LAYER = "SLIPWAY_BUILD_LAYER_MIB";
  static final String KEEP_UNUSED_LAYERS = "SLIPWAY_KEEP_UNUSED_LAYERS_SECONDS";
  static final String BUILDER_VERSION = "SLIPWAY_IMAGE_BUILDER_VERSION";
  static final String MASTER_KEY_FILE = "SLIPWAY_MASTER_KEY_FILE";
  static final String HANDED_THROUGH = "SLIPWAY_CONTAINER_VARIABLES";
  static final String OBJECT_HEARTBEAT_TIMEOUT = "SLIPWAY_OBJECT_HEARTBEAT_TIMEOUT_SECONDS";

  /// The shortest timeout: two of the client's own heartbeats are 15 s apart.
  private static final int SHORTEST_APP_SECONDS = 16;

  /// The client's heartbeats are 300 s apart, unless the program says otherwise.
  private static final int SHORTEST_OBJECT_SECONDS = 2;

  /// Twice as long as uses of images go unrecorded.
  private static final int SHORTEST_KEEPING_SECONDS =
      (int) ImageStore.USE_PRECISION.multipliedBy(2).toSeconds();

  private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final int MOST_MIB = 1 << 30;

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
        new RetentionLimits(
            mebibytes(environment, LAYER_BUDGET, RetentionLimits.DEFAULT_BUDGET_MIB),
            seconds(
                environment,
                KEEP_UNUSED_LAYERS,
                SHORTEST_KEEPING_SECONDS,
                RetentionLimits.DEFAULT_KEEP_UNUSED)),
        new BuildLimits(
            seconds(environment, BUILD_TIMEOUT, 1, BuildLimits.DEFAULT_TIMEOUT),
            mebibytes(environment, BUILD_CONTEXT, BuildLimits.DEFAULT_CONTEXT_MIB)),
        builderVersion(environment),
        masterKeyFile(environment));
  }

  private static String builderVersion(Map<String, String> environment) {
    String value = environment.getOrDefault(BUILDER_VERSION, "").strip();
    if (value.isEmpty()) {
      return ClientDifferences.DEFAULT_BUILDER_VERSION;
    }
    if (!ClientDifferences.BUILDER_VERSIONS.contains(value)) {
      throw new StartRefusedException(
          ExitStatus.USAGE,
          "%s is '%s'; one of %s is expected"
              .formatted(BUILDER_VERSION, value, ClientDifferences.BUILDER_VERSIONS));
    }
    return value;
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

  /// What the builds of one workspace may keep of downloads on a worker.
  static long downloadCacheBytes(Map<String, String> environment) {
    return mebibytes(environment, DOWNLOAD_CACHE, DownloadCaches.DEFAULT_LIMIT_MIB);
  }

  /// What builds may take of the disk of a worker.
  static BuildRoom buildRoom(Map<String, String> environment) {
    return new BuildRoom(
        mebibytes(environment, BUILD_LAYER, BuildRoom.DEFAULT_LAYER_MIB),
        BuildRoom.DEFAULT_FREE_BYTES);
  }

  /// Names of this machine's variables that containers get. `+` before the first adds to the usual
  /// ones; no name at all hands nothing through.
  static List<String> handedThrough(Map<String, String> environment) {
    String value = environment.get(HANDED_THROUGH);
    if (value == null) {
      return HostAccess.DEFAULT_VARIABLES;
    }
    String text = value.strip();
    boolean adds = text.startsWith("+");
    List<String> names =
        Stream.of(text.substring(adds ? 1 : 0).split("[,\\s]+"))
            .filter(name -> !name.isEmpty())
            .toList();
    for (String name : names) {
      if (!VARIABLE_NAME.matcher(name).matches()) {
        throw new StartRefusedException(
            ExitStatus.USAGE,
            "%s has '%s'; names of environment variables are expected, with ',' between them"
                .formatted(HANDED_THROUGH, name));
      }
    }
    return adds
        ? Stream.concat(HostAccess.DEFAULT_VARIABLES.stream(), names.stream()).distinct().toList()
        : names;
  }

  private static long mebibytes(Map<String, String> environment, String name, long usual) {
    return (long) number(environment, name, 0, MOST_MIB, (int) usual, "MiB") << 20;
  }

  /// The file of the master key.
  Path masterKey(Path data) {
    return masterKeyFile.orElseGet(() -> data.resolve("master-key"));
  }

  private static Duration seconds(
      Map<String, String> environment, String name, int shortest, Duration usual) {
    return Duration.ofSeconds(
        number(environment, name, shortest, LONGEST_SECONDS, (int) usual.toSeconds(), "seconds"));
  }

  private static int number(
      Map<String, String> environment, String name, int least, int most, int usual, String unit) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      return usual;
    }
    try {
      int number = Integer.parseInt(value.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below, with the value.
    }
    throw new StartRefusedException(
        ExitStatus.USAGE,
        "%s is '%s'; a number of %s between %d and %d is expected"
            .formatted(name, value, unit, least, most));
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
