package dev.slipway.controlplane.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.slipway.controlplane.app.Deployments.Deploy;
import dev.slipway.controlplane.app.Deployments.Outcome;
import dev.slipway.controlplane.call.MovedClock;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
class DeploymentsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId WORKSPACE = new WorkspaceId("ac-1");

  private final IdSource ids = IdSource.secure();
  private final MovedClock clock = new MovedClock();
  private final AppStore store = new AppStore(FIXTURE.database().jdbi());
  private final EnvironmentId environment = new EnvironmentId(ids.next("en"));
  private final Apps apps = new Apps(store, ids, clock, (app, urgent, reason) -> {});
  private final List<String> told = new ArrayList<>();
  private final Deployments deployments =
      new Deployments(
          apps,
          store,
          (app, asked) -> asked,
          (app, everything) -> told.add(app.version() + (everything ? " everything" : "")),
          clock);

  private static final Publication FIRST =
      new Publication(
          Map.of("f", "fu-1", "C.*", "fu-2"),
          Map.of("C", "cs-1"),
          Map.of("fu-1", "de-1", "fu-2", "de-2"));
  private static final Publication SECOND =
      new Publication(Map.of("f", "fu-1"), Map.of(), Map.of("fu-1", "de-3"));

  private AppId app = new AppId("ap-0");

  @BeforeEach
  void anAppIsAboutToBeDeployed() {
    app = create().id();
  }

  private App create() {
    return apps.create(
        WORKSPACE, environment, "main", "shop", AppState.INITIALIZING, "1.6.4", Map.of());
  }

  private static Deployment.Note note(String tag) {
    return new Deployment.Note("1.6.4", "ada", tag, Optional.empty());
  }

  private static Deploy as(String name, String tag) {
    return new Deploy(name, note(tag), false, Map.of());
  }

  private Outcome deploy(Publication publication) {
    return deployments.deploy(WORKSPACE, app, publication, as("shop", ""));
  }

  private List<Integer> versions() {
    return deployments.list(WORKSPACE, app).stream().map(Deployment::version).toList();
  }

  private static void assertRefused(ErrorKind kind, String part, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).as("%s", e).isEqualTo(kind))
        .hasMessageContaining(part);
  }

  @Test
  void aDeployMakesAVersionAndGivesTheName() {
    Outcome outcome = deploy(FIRST);
    assertThat(outcome.changed()).isTrue();
    assertThat(outcome.app().version()).isEqualTo(1);
    assertThat(outcome.app().state()).isEqualTo(AppState.DEPLOYED);
    assertThat(apps.findDeployed(environment, "shop").orElseThrow().published()).isEqualTo(FIRST);
    assertThat(told).containsExactly("1");

    clock.advance(Duration.ofMinutes(1));
    assertThat(deploy(SECOND).app().version()).isEqualTo(2);
    assertThat(deployments.list(WORKSPACE, app))
        .extracting(Deployment::version, Deployment::published, Deployment::deployedBy)
        .containsExactly(tuple(2, SECOND, "ada"), tuple(1, FIRST, "ada"));
  }

  @Test
  void theSameAgainIsNoVersion() {
    deploy(FIRST);
    told.clear();
    assertThat(deploy(FIRST).changed()).isFalse();
    assertThat(versions()).containsExactly(1);
    assertThat(told).isEmpty();

    assertThat(deployments.deploy(WORKSPACE, app, FIRST, as("shop", "blue")).changed()).isTrue();
    assertThat(deployments.deploy(WORKSPACE, app, FIRST, as("shop", "blue")).changed()).isFalse();
    Deploy tagged = new Deploy("shop", note(""), false, Map.of("team", "pastry"));
    assertThat(deployments.deploy(WORKSPACE, app, FIRST, tagged).changed()).isTrue();
    assertThat(apps.require(WORKSPACE, app).tags()).containsEntry("team", "pastry");
    assertThat(versions()).containsExactly(3, 2, 1);
  }

  @Test
  void aRollbackRepeatsAnEarlierVersionAsANewOne() {
    deploy(FIRST);
    deploy(SECOND);
    Outcome back = deployments.rollback(WORKSPACE, app, -1, note(""));
    assertThat(back.app().version()).isEqualTo(3);
    assertThat(back.app().published()).isEqualTo(FIRST);
    assertThat(deployments.list(WORKSPACE, app).getFirst())
        .satisfies(latest -> {
          assertThat(latest.kind()).isEqualTo(DeploymentKind.ROLLBACK);
          assertThat(latest.source()).isEqualTo(OptionalInt.of(1));
        });
    assertThat(deployments.rollback(WORKSPACE, app, 2, note("")).app().published())
        .isEqualTo(SECOND);

    assertRefused(
        ErrorKind.NOT_FOUND,
        "'shop' has no version 9; its versions are 1 to 4",
        () -> deployments.rollback(WORKSPACE, app, 9, note("")));
    assertRefused(
        ErrorKind.CONFLICT,
        "version 4 of 'shop' is the valid one already",
        () -> deployments.rollback(WORKSPACE, app, 4, note("")));
    assertRefused(
        ErrorKind.NOT_FOUND,
        "no version -4",
        () -> deployments.rollback(WORKSPACE, app, -8, note("")));
  }

  @Test
  void aRolloverReplacesEveryContainer() {
    deploy(FIRST);
    told.clear();
    assertThat(deployments.rollover(WORKSPACE, app, note("")).app().published()).isEqualTo(FIRST);
    assertThat(told).containsExactly("2 everything");
  }

  @Test
  void aStagedVersionIsValidWhenItIsPromoted() {
    Deploy staged = new Deploy("shop", note(""), true, Map.of());
    assertRefused(
        ErrorKind.CONFLICT, "deployed", () -> deployments.deploy(WORKSPACE, app, SECOND, staged));
    deploy(FIRST);
    deployments.deploy(WORKSPACE, app, SECOND, staged);
    assertThat(apps.require(WORKSPACE, app).published()).isEqualTo(FIRST);
    assertThat(versions()).containsExactly(2, 1);
    assertRefused(
        ErrorKind.CONFLICT,
        "was staged and never valid",
        () -> deployments.rollback(WORKSPACE, app, 2, note("")));

    Outcome promoted = deployments.promote(WORKSPACE, app, 2, note(""));
    assertThat(promoted.app().version()).isEqualTo(3);
    assertThat(promoted.app().published()).isEqualTo(SECOND);
  }

  @Test
  void aNameBelongsToOneAppUntilItStops() {
    deploy(FIRST);
    AppId late = create().id();
    assertRefused(
        ErrorKind.EXISTS,
        "'shop' belongs to the app " + app,
        () -> deployments.deploy(WORKSPACE, late, SECOND, as("shop", "")));
    assertThat(apps.require(WORKSPACE, late).state()).isEqualTo(AppState.INITIALIZING);

    apps.stop(WORKSPACE, app, false, "enough");
    assertThat(apps.findDeployed(environment, "shop")).isEmpty();
    assertThat(apps.findStopped(environment, "shop").orElseThrow().id()).isEqualTo(app);
    deployments.deploy(WORKSPACE, late, SECOND, as("shop", ""));
    assertThat(apps.findDeployed(environment, "shop").orElseThrow().id()).isEqualTo(late);
  }

  private AppId createToDeploy(String name) {
    return apps.createToDeploy(WORKSPACE, environment, "main", name, "1.6.4", Map.of()).id();
  }

  @Test
  void twoFirstDeploysAtTheSameMomentAreVersionsOfOneApp() {
    AppId one = createToDeploy("bakery");
    AppId other = createToDeploy("bakery");
    assertThat(other).isEqualTo(one);
    assertThat(createToDeploy("mill")).isNotEqualTo(one);
    deployments.deploy(WORKSPACE, one, FIRST, as("bakery", ""));
    deployments.deploy(WORKSPACE, other, SECOND, as("bakery", ""));
    App valid = apps.findDeployed(environment, "bakery").orElseThrow();
    assertThat(valid.version()).isEqualTo(2);
    assertThat(valid.published()).isEqualTo(SECOND);

    AppId late = createToDeploy("bakery");
    assertThat(late).as("looked before the first was deployed").isEqualTo(one);
    deployments.deployEmpty(WORKSPACE, late, "bakery", note(""));
    assertThat(apps.require(WORKSPACE, one).published()).isEqualTo(SECOND);
  }

  @Test
  void whoGivesUpAFirstDeployDoesNotEndThatOfOthers() {
    AppId shared = createToDeploy("bakery");
    createToDeploy("bakery");
    createToDeploy("bakery");
    apps.clientLeft(WORKSPACE, shared, false, "one left");
    apps.clientLeft(WORKSPACE, shared, false, "another left");
    assertThat(apps.require(WORKSPACE, shared).state()).isEqualTo(AppState.INITIALIZING);
    apps.clientLeft(WORKSPACE, shared, false, "all left");
    assertThat(apps.require(WORKSPACE, shared).state()).isEqualTo(AppState.STOPPED);
  }

  @Test
  void versionsSurviveARestart() {
    deploy(FIRST);
    deploy(SECOND);
    Apps restarted = new Apps(store, ids, clock, (gone, urgent, reason) -> {});
    restarted.load();
    assertThat(restarted.require(WORKSPACE, app)).isEqualTo(apps.require(WORKSPACE, app));
    assertThat(restarted.isActive(app)).isTrue();
  }

  @Test
  void ofManyDeploysAtTheSameMomentEachIsAWholeVersion() throws Exception {
    deploy(FIRST);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<Outcome>> outcomes = new ArrayList<>();
    try (ExecutorService deployers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        Publication mine =
            new Publication(Map.of("f", "fu-1"), Map.of(), Map.of("fu-1", "de-of-" + i));
        outcomes.add(
            deployers.submit(() -> {
              go.await();
              return deploy(mine);
            }));
      }
      go.countDown();
    }
    List<Deployment> history = deployments.list(WORKSPACE, app);
    assertThat(versions()).containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1);
    for (Future<Outcome> outcome : outcomes) {
      App mine = outcome.get().app();
      assertThat(history)
          .filteredOn(deployment -> deployment.version() == mine.version())
          .singleElement()
          .satisfies(version -> assertThat(version.published()).isEqualTo(mine.published()));
    }
    assertThat(apps.require(WORKSPACE, app).published()).isEqualTo(history.getFirst().published());
  }

  @Test
  void aDeployWithoutTagsKeepsThem() {
    deployments.deploy(
        WORKSPACE, app, FIRST, new Deploy("shop", note(""), false, Map.of("team", "pastry")));
    assertThat(deploy(FIRST).changed()).isFalse();
    assertThat(deploy(SECOND).app().tags()).containsEntry("team", "pastry");
  }

  @Test
  void whatRunsForItsClientIsPublishedWithoutAVersion() {
    App run = deployments.publish(WORKSPACE, app, Optional.of(AppState.EPHEMERAL), FIRST);
    assertThat(run.published()).isEqualTo(FIRST);
    assertThat(run.state()).isEqualTo(AppState.EPHEMERAL);
    assertThat(deployments.publish(WORKSPACE, app, Optional.empty(), SECOND).state())
        .isEqualTo(AppState.EPHEMERAL);
    assertThat(versions()).isEmpty();
    assertRefused(
        ErrorKind.INVALID,
        "under a name",
        () -> deployments.publish(WORKSPACE, app, Optional.of(AppState.DEPLOYED), FIRST));
    deploy(SECOND);
    assertRefused(
        ErrorKind.CONFLICT,
        "'shop' is deployed",
        () -> deployments.publish(WORKSPACE, app, Optional.empty(), FIRST));
  }

  @Test
  void badNamesAndTagsAreRefused() {
    for (String name : List.of("", "a b", "x".repeat(65), "ap-0123456789012345678901")) {
      assertRefused(
          ErrorKind.INVALID,
          "'" + name + "'",
          () -> deployments.deploy(WORKSPACE, app, FIRST, as(name, "")));
    }
    assertRefused(
        ErrorKind.INVALID,
        "at most 50 characters, not 51",
        () -> deployments.deploy(WORKSPACE, app, FIRST, as("shop", "x".repeat(51))));
    assertRefused(
        ErrorKind.NOT_FOUND,
        "no app",
        () -> deployments.deploy(new WorkspaceId("ac-2"), app, FIRST, as("shop", "")));
  }
}
