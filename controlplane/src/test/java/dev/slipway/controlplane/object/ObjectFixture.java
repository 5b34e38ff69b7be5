package dev.slipway.controlplane.object;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.IdSource;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Jdbi;

/// Shared objects of two workspaces, and a clock that the test moves.
public final class ObjectFixture {
  public static final Owner OURS =
      new Owner(new WorkspaceId("ac-ours"), new EnvironmentId("en-main"), "main", "ann");
  public static final Owner DEV =
      new Owner(OURS.workspace(), new EnvironmentId("en-dev"), "dev", "ann");
  public static final Owner THEIRS =
      new Owner(new WorkspaceId("ac-theirs"), new EnvironmentId("en-other"), "main", "bob");
  public static final Duration ALLOWED_SILENCE = Duration.ofMinutes(11);

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-25T08:00:00Z"));
  private final SharedObjects objects;

  public ObjectFixture(Jdbi jdbi) {
    jdbi.useHandle(handle -> handle.execute("truncate shared_object cascade"));
    objects = reopened(jdbi);
  }

  public SharedObjects objects() {
    return objects;
  }

  /// The same as a server finds them that starts now.
  public SharedObjects reopened(Jdbi jdbi) {
    return new SharedObjects(new ObjectStore(jdbi), IdSource.secure(), clock(), ALLOWED_SILENCE);
  }

  public InstantSource clock() {
    return now::get;
  }

  public void pass(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  /// The id of a new object of ours.
  public String make(ObjectKind kind, String name) {
    return objects.obtain(OURS, kind, name, Creation.NEW).object().id();
  }

  public String makeEphemeral(ObjectKind kind) {
    return objects.obtain(OURS, kind, "", Creation.EPHEMERAL).object().id();
  }
}
