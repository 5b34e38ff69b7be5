package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Signal;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A user looks after apps and containers from a terminal.
@Story
@EveryClient
class AppsFromATerminalTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern APP = Pattern.compile("ap-\\w{22}");

  private final ModalClient client;
  private final ModalClient newest;

  AppsFromATerminalTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
    newest = installation.client(ClientRelease.NEWEST);
  }

  @Test
  void containersAreListedAndStopped() {
    try (DeployedApp menu = DeployedApp.deploy(client, "menu", "first_menu.py")) {
      assertThat(menu).isNotNull();
      String container = cook();
      assertThat(said("container", "list")).contains(container, "menu");
      DeployedApp.confirmed(client, "container", "stop", container);
      eventually(() -> said("container", "list"), listing -> !listing.contains(container));
      eventually(
          () -> newest.modal("container", "logs", container).out(),
          log -> log.contains("the cook of soup leaves " + container));
      assertThat(cook()).startsWith("ta-").isNotEqualTo(container);
    }
  }

  @Test
  void anAppIsListedAndStoppedAndItsExitHooksHaveTheirTime() {
    String container;
    try (DeployedApp menu = DeployedApp.deploy(client, "menu", "first_menu.py")) {
      assertThat(menu).isNotNull();
      container = cook();
      assertThat(said("app", "list").lines())
          .anyMatch(line -> line.contains("menu") && line.contains("deployed"));
      // Only the newest client has this command.
      assertThat(newest.modal("app", "info", "menu").succeeded().out())
          .contains("menu", "v1", "dish", "Cook");
    }
    eventually(
        () -> newest.modal("app", "logs", "menu").out(),
        log -> log.contains("the cook of soup leaves " + container));
    assertThat(said("app", "list").lines())
        .noneMatch(line -> line.contains("menu") && line.contains("deployed"));
    Run late = client.python("diner.py", "dish").failed();
    assertThat(late.all()).contains("There is no app 'menu' in environment 'main'");
  }

  @ParameterizedTest
  @EnumSource(names = {"INT", "KILL"})
  void aDetachedRunGoesOnWithoutItsClientAndEndsWithItsWork(Signal farewell) {
    String app;
    try (ChildProcess program =
        client.startModal("run", "--detach", "detached.py", "--seconds", "8")) {
      program.transcript().await("worked 2", ModalClient.PATIENCE);
      program.signal(farewell);
      program.awaitExit(SOON);
      Matcher mentioned = APP.matcher(program.transcript().text());
      assertThat(mentioned.find()).isTrue();
      app = mentioned.group();
    }
    eventually(() -> newest.modal("app", "logs", app).out(), log -> log.contains("work is done"));
    eventually(
        () -> said("app", "list"),
        listing -> listing.lines().anyMatch(l -> l.contains(app) && l.contains("stopped")));
  }

  private String cook() {
    Run run = client.python("diner.py", "where").succeeded();
    return run.out().lines().findFirst().orElseThrow().substring("where: ".length());
  }

  private String said(String... words) {
    return client.modal(words).succeeded().out();
  }

  private static void eventually(Supplier<String> look, Predicate<String> holds) {
    Awaitility.await()
        .atMost(SOON)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(List.of(look.get())).allMatch(holds));
  }
}
