package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// A user deploys an app, calls it from elsewhere, and deploys it again while it is in use.
@Story
@EveryClient
class DeployTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final String LET_LAND =
      "import modal; modal.Queue.from_name('menu-landing', create_if_missing=True).put('now')";

  private final Installation installation;
  private final ModalClient client;
  private final ModalClient otherClient;

  DeployTest(ClientRelease release, Installation installation) {
    this.installation = installation;
    client = installation.client(release);
    otherClient =
        installation.client(
            release == ClientRelease.NEWEST ? ClientRelease.OLDEST : ClientRelease.NEWEST);
  }

  @Test
  void whatOneClientDeploysTheOtherCalls() {
    try (DeployedApp menu = menu("first_menu.py")) {
      assertThat(menu).isNotNull();
      for (ModalClient caller : List.of(client, otherClient)) {
        assertThat(ask(caller, "dish,cooking,lookup"))
            .contains("dish: soup", "cook: anonymous cooks soup / Ada cooks soup")
            .anyMatch(line -> line.matches("app: ap-\\w{22} menu"));
      }
    }
  }

  @Test
  void aNewVersionTakesOverWithoutFailingACallInFlight() {
    try (DeployedApp menu = menu("first_menu.py");
        ChildProcess diner = client.startPython("diner.py", "in_flight")) {
      ask(client, "cooking");
      diner.transcript().await("in flight", SOON);

      menu.deployWith(client, "second_menu.py");
      assertThat(ask(client, "dish,cooking,removed"))
          .contains("dish: stew", "cook: anonymous cooks stew / Ada cooks stew")
          .anyMatch(line -> line.startsWith("removed: ") && line.contains("only_at_first"));
      assertThat(diner.transcript().find("landed")).as("the call still flies").isEmpty();
      client.python("-c", LET_LAND).succeeded();
      diner.transcript().await("landed: slow soup", SOON);
      logHolds("the cook of soup leaves");
    }
    logHolds("the cook of stew leaves");
  }

  @Test
  void aFunctionThatIsNotInTheNewVersionIsNotCalledByItsHandle() {
    try (DeployedApp menu = menu("first_menu.py");
        ChildProcess diner = client.startPython("diner.py", "held")) {
      String crumbs = diner.transcript().await("held: crumbs of ta-", SOON).text();
      String task = crumbs.substring(crumbs.indexOf("ta-")).strip();
      assertThat(HostProcesses.ofTask(task)).isNotEmpty();
      menu.deployWith(client, "second_menu.py");
      diner.transcript().await("'only_at_first' is not part of version 2 of the app 'menu'", SOON);
      assertThat(diner.awaitExit(SOON)).isZero();
      // Its container does not wait for the ten minutes that it may be idle.
      Awaitility.await()
          .atMost(SOON)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> HostProcesses.ofTask(task).isEmpty());
    }
  }

  @Test
  void anUnchangedDeployKeepsVersionAndContainers() {
    try (DeployedApp menu = menu("first_menu.py")) {
      List<String> before = ask(client, "where");
      String historyBefore = history();
      Run again = menu.deployWith(client, "first_menu.py");
      assertThat(ask(client, "where")).isEqualTo(before);
      assertThat(history()).isEqualTo(historyBefore);
      if (client.equals(newest())) {
        assertThat(again.all()).contains("no changes detected");
      }
    }
  }

  @Test
  void theHistoryIsToldAndAnEarlierVersionComesBack() {
    try (DeployedApp menu = menu("first_menu.py", "--tag", "lunch")) {
      menu.deployWith(client, "second_menu.py", "--tag", "dinner");
      assertThat(history()).contains("v1", "lunch", "v2", "dinner", "local");

      client.modal("app", "rollback", "menu").succeeded();
      assertThat(ask(client, "dish")).contains("dish: soup");
      client.modal("app", "rollback", "menu", "v2").succeeded();
      assertThat(ask(client, "dish")).contains("dish: stew");
      assertThat(history()).contains("v3", "v4");

      Run unknown = client.modal("app", "rollback", "menu", "v77").failed();
      assertThat(unknown.all()).contains("'menu' has no version 77").contains("1 to 4");
    }
  }

  @Test
  void lookUpsPinnedToAVersionStayWithIt() {
    try (DeployedApp menu = menu("first_menu.py")) {
      menu.deployWith(client, "second_menu.py");
      // Only the newest client can ask for a version.
      assertThat(ask(newest(), "dish,pinned"))
          .contains(
              "dish: stew",
              "version 1: soup",
              "cook of version 1: Ada cooks soup",
              "version 2: stew",
              "cook of version 2: Ada cooks stew")
          .anyMatch(line -> line.startsWith("version 99: ") && line.contains("no version 99"));
    }
  }

  @Test
  void anotherNameInAnotherEnvironmentIsAnotherApp() {
    Run made = client.modal("environment", "create", "kitchen");
    assertThat(made.all()).as("made now or by the story before").contains("kitchen");
    ModalClient kitchen = client.with("MODAL_ENVIRONMENT", "kitchen");
    try (DeployedApp menu = menu("first_menu.py");
        DeployedApp bistro =
            DeployedApp.deploy(
                kitchen, "bistro", "second_menu.py", "--name", "bistro", "--env", "kitchen")) {
      assertThat(List.of(menu, bistro)).doesNotHaveDuplicates();
      assertThat(ask(client, "dish,elsewhere"))
          .contains("dish: soup", "dish of the bistro: stew")
          .anyMatch(
              line -> line.startsWith("bistro in main: ") && line.contains("no app 'bistro'"));
    }
  }

  @Test
  void ofTwoDeploysAtTheSameMomentOneIsValidAsAWhole() {
    try (DeployedApp menu = menu("first_menu.py");
        ChildProcess one = client.startModal("deploy", "second_menu.py");
        ChildProcess other = otherClient.startModal("deploy", "first_menu.py", "--tag", "again")) {
      assertThat(menu).isNotNull();
      assertThat(List.of(one, other)).allMatch(deploy -> deploy.awaitExit(SOON) == 0);
      List<String> answers = ask(client, "dish,cooking");
      assertThat(answers)
          .isIn(
              List.of("dish: soup", "cook: anonymous cooks soup / Ada cooks soup"),
              List.of("dish: stew", "cook: anonymous cooks stew / Ada cooks stew"));
    }
  }

  @Test
  void ofTwoFirstDeploysAtTheSameMomentOneIsValidAsAWhole() {
    try (ChildProcess one = client.startModal("deploy", "second_menu.py");
        ChildProcess other = otherClient.startModal("deploy", "first_menu.py")) {
      assertThat(List.of(one, other)).allMatch(deploy -> deploy.awaitExit(SOON) == 0);
      assertThat(ask(client, "dish,cooking"))
          .isIn(
              List.of("dish: soup", "cook: anonymous cooks soup / Ada cooks soup"),
              List.of("dish: stew", "cook: anonymous cooks stew / Ada cooks stew"));
      assertThat(history()).contains("v1", "v2");
    } finally {
      DeployedApp.confirmed(client, "app", "stop", "menu");
    }
  }

  @Test
  void deployedAppsSurviveARestartOfTheServer() {
    try (DeployedApp menu = menu("first_menu.py")) {
      menu.deployWith(client, "second_menu.py");
      installation.server().stop(Signal.TERM);
      installation.server().start();
      assertThat(ask(client, "dish,cooking"))
          .contains("dish: stew", "cook: anonymous cooks stew / Ada cooks stew");
      client.modal("app", "rollback", "menu").succeeded();
      assertThat(ask(client, "dish")).contains("dish: soup");
    }
  }

  private DeployedApp menu(String... arguments) {
    return DeployedApp.deploy(client, "menu", arguments);
  }

  private ModalClient newest() {
    return installation.client(ClientRelease.NEWEST);
  }

  private static List<String> ask(ModalClient client, String what) {
    return client.python("diner.py", what).succeeded().out().lines().toList();
  }

  private String history() {
    return client.modal("app", "history", "menu").succeeded().out();
  }

  private void logHolds(String line) {
    Awaitility.await()
        .atMost(SOON)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(newest().modal("app", "logs", "menu").succeeded().out()).contains(line));
  }
}
