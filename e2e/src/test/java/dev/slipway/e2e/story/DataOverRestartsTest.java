package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The server is killed while a program writes: what was written is there once, and the program
/// goes on.
@Story
@EveryClient
class DataOverRestartsTest {
  private final Slipway server;
  private final ModalClient client;

  DataOverRestartsTest(ClientRelease release, Installation installation) {
    server = installation.server();
    client = installation.client(release);
  }

  @AfterEach
  void theNextStoryFindsAServer() {
    if (!server.alive()) {
      server.start();
    }
  }

  @Test
  void everyItemIsThereOnceAndInOrderThoughTheServerWasKilled() {
    try (ChildProcess writing = client.startPython("ledger.py", "write")) {
      for (String reached : new String[] {"written 40", "written 90"}) {
        writing.transcript().await(reached, ModalClient.PATIENCE);
        server.kill();
        server.start();
      }
      Run written = ModalClient.finish(writing, Duration.ofMinutes(3)).succeeded();
      assertThat(written.out()).contains("closed");
    }
    Run read = client.python("ledger.py", "read").succeeded();
    assertThat(read.out().lines())
        .as("%s", read)
        .contains(
            "opened: yes",
            "entries, each once and in order: True",
            "twice, each twice and in order: True");
    client.modal("queue", "delete", "ledger-queue", "--yes").succeeded();
    client.modal("dict", "delete", "ledger-dict", "--yes").succeeded();
  }
}
