package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.files.Trees;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.JoinedWorker;
import dev.slipway.testkit.Leaks;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The server runs alone, and a worker in another process joins it.
@Tag("e2e")
class WorkersTest {
  private static final Duration CLEAN_WITHIN = Duration.ofSeconds(15);

  private final Path directory = Files.createTempDirectory("slipway-workers");

  WorkersTest() throws IOException {}

  @AfterEach
  void cleanUp() throws IOException {
    Trees.delete(directory);
  }

  @Test
  void aWorkerJoinsIsKilledAndComesBackAndNothingAcceptedIsLost() {
    Path data = directory.resolve("worker");
    Leaks leaks = Leaks.watch(data);
    try (Slipway server = Slipway.startAlone(directory.resolve("server"), Map.of())) {
      ModalClient client =
          ModalClient.of(
              ClientRelease.NEWEST, Project.root().resolve("e2e/programs"), server.exports());
      JoinedWorker first = JoinedWorker.start(server, data);
      try (WorkForLater work = WorkForLater.start(client)) {
        work.assertEveryResultArrives();
        first.kill();
        List<String> accepted = work.startMore();
        try (JoinedWorker again = JoinedWorker.start(server, data)) {
          work.assertEveryResultArrives(accepted);
        }
      }
    }
    leaks.assertNothingLeft(CLEAN_WITHIN);
  }

  @Test
  void aWorkerWithAWrongTokenIsToldSoAtOnce() {
    try (Slipway server = Slipway.startAlone(directory.resolve("server"), Map.of())) {
      Run refused =
          Slipway.command(
              "worker",
              "--join",
              server.url(),
              "--token",
              "nonsense",
              "--data",
              directory.resolve("worker").toString());
      assertThat(refused.status()).isNotZero();
      assertThat(refused.err())
          .contains("the server refuses this worker", "The worker's token is unknown here");
    }
  }
}
