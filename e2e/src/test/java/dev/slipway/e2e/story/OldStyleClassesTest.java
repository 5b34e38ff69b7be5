package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// A user of the oldest client has classes that the newest one refuses before it asks any server.
@Story
class OldStyleClassesTest {
  private final Installation installation;

  OldStyleClassesTest(Installation installation) {
    this.installation = installation;
  }

  @Test
  void classesWithAConstructorOfTheirOwn() {
    Run run = installation.client(ClientRelease.OLDEST).modal("run", "old_classes.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("default: 1 of black", "with values: 2 of green", "own containers: True");
  }
}
