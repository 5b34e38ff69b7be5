package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// An operator restarts the server, stops containers, replaces them, and crowds the machine.
@Story
class ContainersOfDeployedAppsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern CONTAINER = Pattern.compile("ta-\\w{26}");

  private final Installation installation;
  private final ModalClient client;

  ContainersOfDeployedAppsTest(Installation installation) {
    this.installation = installation;
    this.client = installation.client(ClientRelease.NEWEST);
  }

  @Test
  void containersThatAreAlwaysThereAreThereAgainAfterARestart() {
    try (DeployedApp standing = DeployedApp.deploy(client, "standing", "standing.py")) {
      assertThat(standing).isNotNull();
      Set<String> before = containersWhen(now -> now.size() == 2);
      installation.server().kill();
      installation.server().start();
      containersWhen(now -> now.size() == 2 && now.stream().noneMatch(before::contains));
    }
  }

  @Test
  void aContainerThatIsStoppedGracefullyFinishesWhatItWorksOn() {
    try (DeployedApp standing = DeployedApp.deploy(client, "standing", "standing.py")) {
      assertThat(standing).isNotNull();
      Set<String> idle = containersWhen(now -> now.size() == 2);
      try (ChildProcess caller = client.startPython("standing.py", "8")) {
        caller.transcript().await("it runs", SOON);
        Set<String> all = containersWhen(now -> now.size() == 3 && now.containsAll(idle));
        all.removeAll(idle);
        String working = all.iterator().next();
        client.modal("container", "stop", "--graceful", "--yes", working).succeeded();
        caller.transcript().await("answered by " + working, SOON);
        containersWhen(now -> !now.contains(working));
      }
    }
  }

  @Test
  void aDeployThatRecreatesLeavesNoContainerOfTheVersionBefore() {
    try (DeployedApp menu = DeployedApp.deploy(client, "menu", "first_menu.py")) {
      String before = cook();
      menu.deployWith(client, "second_menu.py", "--strategy", "recreate");
      assertThat(containers()).doesNotContain(before);
      assertThat(cook()).isNotEqualTo(before);
      menu.deployWith(client, "first_menu.py", "--strategy", "rolling");
      assertThat(client.python("diner.py", "dish").succeeded().out()).contains("dish: soup");
    }
  }

  @Test
  void anAppThatWantsLittleIsServedThoughAnotherHasFilledTheMachine() {
    assertThat(client.python("crowded.py").succeeded().out())
        .contains("answer: 42", "still waiting: True");
  }

  private String cook() {
    return client
        .python("diner.py", "where")
        .succeeded()
        .out()
        .strip()
        .substring("where: ".length());
  }

  private Set<String> containers() {
    return CONTAINER
        .matcher(client.modal("container", "list", "--json").succeeded().out())
        .results()
        .map(found -> found.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> containersWhen(Predicate<Set<String>> condition) {
    return Awaitility.await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(500))
        .until(this::containers, condition);
  }
}
