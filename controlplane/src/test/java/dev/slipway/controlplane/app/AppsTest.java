package dev.slipway.controlplane.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.call.MovedClock;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
class AppsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId WORKSPACE = new WorkspaceId("ac-1");
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final MovedClock clock = new MovedClock();
  private final List<String> stopped = new ArrayList<>();
  private final Apps apps =
      new Apps(
          new AppStore(FIXTURE.database().jdbi()),
          IdSource.secure(),
          clock,
          (app, urgent, reason) -> stopped.add(app.id() + ": " + reason));
  private final Set<AppId> busy = new HashSet<>();
  private final SilentAppChore silent = new SilentAppChore(apps, SILENCE);
  private final DetachedAppChore detached = new DetachedAppChore(apps, busy::contains);

  private AppId create(AppState state) {
    return apps.create(
            WORKSPACE, new EnvironmentId("en-1"), "main", "test", state, "1.6.4", Map.of())
        .id();
  }

  private AppState state(AppId app) {
    return apps.require(WORKSPACE, app).state();
  }

  @Test
  void anEphemeralAppEndsWithItsClient() {
    AppId polite = create(AppState.EPHEMERAL);
    AppId vanished = create(AppState.EPHEMERAL);
    AppId alive = create(AppState.EPHEMERAL);
    apps.clientLeft(WORKSPACE, polite, false, "its client has left");
    assertThat(state(polite)).isEqualTo(AppState.STOPPED);

    clock.advance(SILENCE.minusSeconds(1));
    apps.heartbeat(WORKSPACE, alive);
    clock.advance(Duration.ofSeconds(2));
    silent.run();
    assertThat(state(vanished)).isEqualTo(AppState.STOPPED);
    assertThat(state(alive)).isEqualTo(AppState.EPHEMERAL);
    assertThat(stopped)
        .containsExactly(
            polite + ": its client has left",
            vanished + ": its client has not been heard of for 60 s");
    assertThatThrownBy(() -> apps.heartbeat(WORKSPACE, vanished))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("has stopped");
  }

  @Test
  void aDetachedAppEndsWithItsCalls() {
    AppId left = create(AppState.DETACHED);
    AppId vanished = create(AppState.DETACHED);
    busy.addAll(List.of(left, vanished));
    apps.clientLeft(WORKSPACE, left, false, "its client has left");
    clock.advance(SILENCE.plusSeconds(1));
    silent.run();
    detached.run();
    assertThat(List.of(state(left), state(vanished))).containsOnly(AppState.DETACHED_DISCONNECTED);

    busy.remove(left);
    detached.run();
    assertThat(state(left)).isEqualTo(AppState.STOPPED);
    assertThat(state(vanished)).isEqualTo(AppState.DETACHED_DISCONNECTED);
    busy.clear();
    detached.run();
    assertThat(state(vanished)).isEqualTo(AppState.STOPPED);
  }

  @Test
  void aDetachedAppWhoseClientIsThereWaitsForItsNextCall() {
    AppId app = create(AppState.DETACHED);
    detached.run();
    silent.run();
    assertThat(state(app)).isEqualTo(AppState.DETACHED);
  }

  @Test
  void whatIsOverStaysOver() {
    AppId app = create(AppState.EPHEMERAL);
    apps.stop(WORKSPACE, app, false, "first");
    apps.stop(WORKSPACE, app, false, "second");
    apps.clientLeft(WORKSPACE, app, false, "third");
    assertThat(stopped).containsExactly(app + ": first");
    assertThatThrownBy(() -> apps.setTags(WORKSPACE, app, Map.of("a", "b")))
        .hasMessageContaining("has stopped");
  }
}
