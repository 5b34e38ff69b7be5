package dev.slipway.e2e.story;

import dev.slipway.content.files.Trees;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.Footprint;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.HostProcesses.HostProcess;
import dev.slipway.testkit.Leaks;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Settings;
import dev.slipway.testkit.Slipway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/// The server of a whole test run. Images are dear, so the stories share one data directory: a
/// fresh one, or the one that `SLIPWAY_TEST_DATA` names, which then stays.
final class Installation implements AutoCloseable {
  /// The beat of clients of stories: by themselves they send one every 15 s.
  private static final Duration HEARTBEAT = Duration.ofSeconds(4);

  /// How long a client may be silent before its app is stopped: the least that can be set.
  static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(16);

  /// How long the client of an ephemeral dict or queue may be silent. Programs of stories send a
  /// beat every second.
  static final Duration OBJECT_HEARTBEAT_TIMEOUT = Duration.ofSeconds(10);

  /// Most mebibytes of a layer that a build makes.
  static final int LAYER_MIB = 2_048;

  private static final Duration CLEAN_WITHIN = Duration.ofSeconds(15);

  private final boolean keep;
  private final Path data;
  private final Leaks leaks;
  private final Slipway server;
  private final Map<ClientRelease, ModalClient> clients = new HashMap<>();

  Installation() {
    keep = Settings.find("SLIPWAY_TEST_DATA").isPresent();
    data = Settings.find("SLIPWAY_TEST_DATA").map(Path::of).orElseGet(Installation::freshDirectory);
    leaks = Leaks.watch(data);
    server =
        Slipway.start(
            data,
            Map.of(
                // uv gives a package index that does not answer half a minute, which is less than
                // some pauses of a busy network; pip has more patience by itself.
                "UV_HTTP_RETRIES",
                "8",
                "SLIPWAY_BUILD_LAYER_MIB",
                Integer.toString(LAYER_MIB),
                "SLIPWAY_APP_HEARTBEAT_TIMEOUT_SECONDS",
                Long.toString(HEARTBEAT_TIMEOUT.toSeconds()),
                "SLIPWAY_OBJECT_HEARTBEAT_TIMEOUT_SECONDS",
                Long.toString(OBJECT_HEARTBEAT_TIMEOUT.toSeconds())));
  }

  Slipway server() {
    return server;
  }

  /// What the installation holds on this machine beyond what was there before its first start.
  Leaks leaks() {
    return leaks;
  }

  /// A client with the exports of this server, among our programs.
  ModalClient client(ClientRelease release) {
    return clients.computeIfAbsent(
        release,
        one ->
            ModalClient.of(one, Project.root().resolve("e2e/programs"), server.exports())
                .with("MODAL_HEARTBEAT_INTERVAL", Long.toString(HEARTBEAT.toSeconds())));
  }

  /// After a story no container may be left, nor anything that belonged to one.
  void assertNoContainersLeft() {
    Awaitility.await()
        .atMost(CLEAN_WITHIN)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> {
          Footprint now = leaks.found();
          List<HostProcess> containers =
              HostProcesses.list().stream()
                  .filter(process -> process.environment().contains("MODAL_TASK_ID="))
                  .filter(process -> now.processes().stream().anyMatch(isProcess(process)))
                  .toList();
          List<String> mounts = now.mounts().stream().filter(this::isTaskMount).toList();
          if (!containers.isEmpty() || !mounts.isEmpty() || !now.loopDevices().isEmpty()) {
            throw new AssertionError(
                "left after the story: processes %s, mounts %s, disks %s"
                    .formatted(containers, mounts, now.loopDevices()));
          }
        });
  }

  private static Predicate<String> isProcess(HostProcess process) {
    return described -> described.startsWith(process.pid() + " ");
  }

  private boolean isTaskMount(String mountPoint) {
    return mountPoint.contains("/ta-");
  }

  private static Path freshDirectory() {
    try {
      return Files.createTempDirectory("slipway-stories");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    leaks.assertNothingLeft(CLEAN_WITHIN);
    if (!keep) {
      Trees.delete(data);
    }
  }
}
