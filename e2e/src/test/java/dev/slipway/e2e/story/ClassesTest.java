package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A user keeps state between calls in a class, and runs it with other values and limits.
@Tag("unproven")
@Story
@EveryClient
class ClassesTest {
  private final ModalClient client;

  ClassesTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void hooksMethodsParametersVariantsAndInheritance() {
    Run run = client.modal("run", "classes.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .containsSubsequence("entered", "added: 105 106")
        .contains(
            "read: 106 [106, 105, 104]",
            "one container: True",
            "local: 107",
            "greeted: hello you / hey hey you",
            "mapped: ['hey hey a', 'hey hey b']",
            "own containers: True",
            "same values, same container: True",
            "inherited: from the base: base entered, derived entered",
            "replaced: from the derived class",
            "overlapping: 3",
            "batched: ['0 in a batch of 4', '2 in a batch of 4', '4 in a batch of 4',"
                + " '6 in a batch of 4']",
            "hasty: the input ran for longer than the function's timeout of 2 s");
    assertThat(run.out().lines())
        .as("the exit hook ran when the container was no longer needed: %s", run)
        .contains("left with 106");
    assertThat(run.all()).as("%s", run).doesNotContain("KeyboardInterrupt", "StopAsyncIteration");
  }
}
