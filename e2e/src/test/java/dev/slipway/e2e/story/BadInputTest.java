package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// Users mistype, and strangers knock: each gets a clear answer, and the server serves on.
@Story
@EveryClient
class BadInputTest {
  private final ModalClient client;

  BadInputTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void aWrongTokenIsRefusedByName() {
    Run run =
        client
            .with("MODAL_TOKEN_SECRET", "as-0000000000000000000000")
            .modal("run", "calls.py", "--width", "4")
            .failed();
    assertThat(run.all()).as("%s", run).containsIgnoringCase("token").doesNotContain("remote:");
  }

  @Test
  void anUnknownTokenIsRefusedByName() {
    Run run =
        client
            .with("MODAL_TOKEN_ID", "ak-0000000000000000000000")
            .modal("run", "calls.py", "--width", "4")
            .failed();
    assertThat(run.all()).as("%s", run).containsIgnoringCase("token");
  }

  @Test
  void anUnknownEnvironmentIsRefusedByName() {
    Run run =
        client
            .with("MODAL_ENVIRONMENT", "nowhere")
            .modal("run", "calls.py", "--width", "4")
            .failed();
    assertThat(run.all()).as("%s", run).contains("nowhere").containsIgnoringCase("environment");
  }

  @Test
  void unknownAppsFunctionsAndCallsAreNotFound() {
    Run run = client.python("unknown_names.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .anyMatch(line -> line.startsWith("app: NotFoundError: ") && line.contains("no-such-app"))
        .anyMatch(
            line -> line.startsWith("environment: NotFoundError: ") && line.contains("nowhere"))
        .anyMatch(line -> line.startsWith("call: ") && line.contains("fc-0000000000000000000000"));
  }

  @Test
  void aNegativeLimitIsRefused() {
    Run run = client.modal("run", "negative_limit.py").failed();
    assertThat(run.all()).as("%s", run).contains("-5");
  }

  @Test
  void whatNoClientWouldSayIsRefusedWithASentenceAndTheServerServesOn() {
    Run run = client.python("bad_wire.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("polite: answered after 0 s", "polite again: answered after 0 s")
        .anyMatch(line -> line.startsWith("malformed: INVALID_ARGUMENT: "))
        .anyMatch(line -> line.startsWith("huge: INVALID_ARGUMENT: ") && line.contains("104857600"))
        .anyMatch(line -> line.matches("ancient: FAILED_PRECONDITION: .*0\\.50\\.1.*"))
        .anyMatch(line -> line.matches("unknown method: UNIMPLEMENTED: .*AppFlyToTheMoon.*"))
        .anyMatch(line -> line.matches("unknown call: NOT_FOUND: .*fc-0000000000000000000000.*"))
        .anyMatch(line -> line.startsWith("no id: INVALID_ARGUMENT: "))
        .anyMatch(line -> line.matches("unknown app: NOT_FOUND: .*ap-0000000000000000000000.*"));
  }

  @Test
  void aPackageThatPipCannotFindFailsTheBuildWithPipsOwnWords() {
    Run run = client.modal("run", "no_such_package.py").failed();
    assertThat(run.all())
        .as("%s", run)
        .contains(
            "No matching distribution found for slipway-package-that-nobody-published==1.2.3");
  }

  @Test
  void aPythonThatNobodyHasIsRefusedWithTheListOfThoseThatCan() {
    Run run = client.modal("run", "no_such_python.py").failed();
    assertThat(run.all()).as("%s", run).contains("3.99", "3.11", "3.13");
  }
}
