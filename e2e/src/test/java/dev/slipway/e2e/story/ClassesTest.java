package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// A user keeps state between calls in a class, and runs it with other values and limits.
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

  @Test
  void whatIsWrongWithAClassIsToldInASentence() {
    try (DeployedApp app = DeployedApp.deploy(client, "class-errors", "class_errors.py")) {
      assertThat(app).isNotNull();
      Run lookUp = client.python("class_errors.py", "look-up").succeeded();
      assertThat(lookUp.out().lines())
          .as("%s", lookUp)
          .contains(
              "good: went through with 3",
              "text for a number: TypeError: Expected int, got str",
              "without a value: InvalidError: Missing required parameter: size",
              "enter fails: RuntimeError: the lid does not open")
          .anyMatch(line -> line.matches("unknown method: NotFoundError: .*empty.*"))
          .anyMatch(line -> line.matches("unknown class: NotFoundError: .*has no class 'Barrel'.*"))
          .anyMatch(line -> line.matches("class as function: NotFoundError: .*it is a class.*"));
      Run raw = client.python("class_errors.py", "raw").succeeded();
      assertThat(raw.out().lines())
          .as("%s", raw)
          .containsExactly(
              "wrong type: the parameter 'size' of 'Jar.*' is an int, but the value given is a str",
              "no value: the parameter 'size' of 'Jar.*' has no value and no default",
              "unknown name: 'Jar.*' has no parameter 'shape', or it is given twice; it has [size]",
              "no parameters at all: the parameters given for 'Jar.*' cannot be read",
              "method of another class: 'Jar.*' has no method 'look'; it has [fill]");
    }
  }
}
