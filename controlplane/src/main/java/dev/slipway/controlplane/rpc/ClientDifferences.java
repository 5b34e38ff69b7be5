package dev.slipway.controlplane.rpc;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Everything that is done differently for different versions of the official clients, each by
/// name. When support for a version ends, its lines here go, and the compiler shows where they
/// mattered.
public final class ClientDifferences {
  /// Image builder versions, oldest first.
  public static final List<String> BUILDER_VERSIONS =
      List.of("2023.12", "2024.04", "2024.10", "2025.06", "2026.10");

  /// What an environment builds images with when nobody chose otherwise.
  public static final String DEFAULT_BUILDER_VERSION = "2025.06";

  private static final String NEWEST_BUILDER_OF_1_0 = "2024.10";
  private static final String NEWEST_BUILDER_OF_1_1 = "2025.06";
  private static final String NEWEST_BUILDER_OF_1_6 = "2026.10";

  private static final Duration EMPTY_MAP_POLL = Duration.ofSeconds(1);

  private ClientDifferences() {}

  /// Refuses Python clients older than the oldest supported one. The JavaScript and Go clients
  /// claim 1.0.0 whatever they are.
  static void requireSupported(ClientKind kind, ClientVersion version) {
    if (isPython(kind) && version.compareTo(ClientVersion.OLDEST_SUPPORTED) < 0) {
      throw new SlipwayException(
          ErrorKind.CONFLICT,
          "The modal client "
              + version
              + " is too old for this server; expected "
              + ClientVersion.OLDEST_SUPPORTED
              + " or newer (pip install --upgrade modal)");
    }
  }

  /// The newest image builder version that the client knows. It refuses to work with a newer one.
  static String newestBuilderVersion(ClientKind kind, ClientVersion version) {
    return switch (kind) {
      case JAVASCRIPT, GO -> NEWEST_BUILDER_OF_1_1;
      case PYTHON, CONTAINER ->
          version.isAtLeast(1, 6, 4)
              ? NEWEST_BUILDER_OF_1_6
              : version.isAtLeast(1, 1, 4) ? NEWEST_BUILDER_OF_1_1 : NEWEST_BUILDER_OF_1_0;
    };
  }

  /// The image builder version to tell this client: the environment's, or the newest that the
  /// client knows when the environment's is newer still.
  public static String builderVersion(RpcContext context, String environmentSetting) {
    String newest = newestBuilderVersion(context.clientKind(), context.clientVersion());
    return BUILDER_VERSIONS.indexOf(environmentSetting) <= BUILDER_VERSIONS.indexOf(newest)
        ? environmentSetting
        : newest;
  }

  /// Whether the client tells an out-of-memory result from other failures.
  public static boolean knowsOutOfMemory(ClientVersion version) {
    return version.isAtLeast(1, 6, 0);
  }

  /// How long to hold a map's question for outputs when every known input has been answered.
  /// Clients without index ranges notice the end of a map only between two questions.
  public static Duration idleMapPoll(RpcContext context, Duration asked) {
    return context.clientVersion().isAtLeast(1, 1, 4) ? asked : Duration.ofSeconds(1);
  }

  /// How long a poll for the outputs of a map may last when every output that there will be is
  /// delivered; empty when the client asks for no such poll. Clients before 1.0.5 wait for it to
  /// end before they see that the map is done.
  public static Optional<Duration> emptyMapPollLasts(RpcContext context) {
    return isPython(context.clientKind()) && !context.clientVersion().isAtLeast(1, 0, 5)
        ? Optional.of(EMPTY_MAP_POLL)
        : Optional.empty();
  }

  /// Whether the client takes a function's definition from `function_data`, and fails without it.
  public static boolean readsFunctionData(RpcContext context) {
    return isPython(context.clientKind()) && context.clientVersion().isAtLeast(1, 6, 0);
  }

  /// Whether the claimed version is that of the client: JavaScript and Go always claim 1.0.0.
  private static boolean isPython(ClientKind kind) {
    return switch (kind) {
      case PYTHON, CONTAINER -> true;
      case JAVASCRIPT, GO -> false;
    };
  }
}
