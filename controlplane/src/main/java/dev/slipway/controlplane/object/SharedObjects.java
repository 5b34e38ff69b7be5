package dev.slipway.controlplane.object;

import dev.slipway.model.Causes;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// The rules of shared objects. One that has a name belongs to an environment and stays until it is
/// deleted; one without lives for as long as heartbeats come. Either is seen by its workspace only.
public final class SharedObjects {
  /// Objects of one kind in one environment at most.
  public static final int MAX_OBJECTS = 10_000;

  /// Most objects that one listing returns.
  public static final int MAX_LISTED = 1_000;

  /// How long the heartbeats of an ephemeral object may be missing. The clients send one every five
  /// minutes, so that two in a row may get lost.
  public static final Duration DEFAULT_ALLOWED_SILENCE = Duration.ofMinutes(11);

  /// Objects that are known without asking the database, so that using one costs no look-up.
  private static final int MAX_KNOWN = 20_000;

  private static final String FOREIGN_KEY_VIOLATION = "23503";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern APP_ID = Pattern.compile("ap-[A-Za-z0-9]{22}");

  private final ObjectStore store;
  private final IdSource ids;
  private final InstantSource clock;
  private final Duration allowedSilence;
  private final Instant startedAt;
  private final ConcurrentHashMap<String, SharedObject> known = new ConcurrentHashMap<>();

  /// @param allowedSilence how long an ephemeral object outlives its last heartbeat
  public SharedObjects(
      ObjectStore store, IdSource ids, InstantSource clock, Duration allowedSilence) {
    this.store = store;
    this.ids = ids;
    this.clock = clock;
    this.allowedSilence = allowedSilence;
    this.startedAt = clock.instant();
  }

  /// An object that was asked for.
  ///
  /// @param made whether it was not there before
  public record Obtained(SharedObject object, boolean made) {}

  /// Finds the object of that name, or makes one that is empty.
  public Obtained obtain(Owner owner, ObjectKind kind, String name, Creation creation) {
    return obtain(owner, kind, name, creation, Contents.NONE);
  }

  /// Finds the object of that name, or makes one.
  ///
  /// @param contents of one that is made
  public Obtained obtain(
      Owner owner, ObjectKind kind, String name, Creation creation, Contents contents) {
    return switch (creation) {
      case LOOK_UP -> new Obtained(require(owner, kind, name), false);
      case IF_MISSING ->
          find(owner, kind, name)
              .map(object -> new Obtained(object, false))
              .orElseGet(() ->
                  make(owner, kind, Optional.of(name), contents)
                      .map(object -> new Obtained(object, true))
                      // Somebody else was faster, which is as good.
                      .orElseGet(() -> new Obtained(require(owner, kind, name), false)));
      case NEW ->
          new Obtained(
              make(owner, kind, Optional.of(requireName(kind, name)), contents)
                  .orElseThrow(() -> exists(owner, kind, name)),
              true);
      case EPHEMERAL -> {
        if (!name.isEmpty()) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "an ephemeral %s has no name, and this one is called '%s'"
                  .formatted(kind.noun(), name));
        }
        yield new Obtained(make(owner, kind, Optional.empty(), contents).orElseThrow(), true);
      }
    };
  }

  /// The object, if it belongs to the workspace.
  public SharedObject require(WorkspaceId workspace, ObjectKind kind, String id) {
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    // A deletion first deletes the row and then this entry, and waits here for a look-up that is
    // under way: so what is gone is not known for longer.
    SharedObject object = known.computeIfAbsent(id, one -> store.find(one).orElse(null));
    if (object == null || object.kind() != kind || !object.workspace().equals(workspace)) {
      throw missing(kind, id);
    }
    return object;
  }

  /// Says that somebody still needs the object.
  public void heartbeat(WorkspaceId workspace, ObjectKind kind, String id) {
    if (require(workspace, kind, id).name().isEmpty()) {
      store.saveHeartbeat(id, clock.instant());
    }
  }

  /// Those with a name that are older than the given time, newest first.
  public List<SharedObject> list(
      EnvironmentId environment, ObjectKind kind, Instant before, int atMost) {
    return store.list(environment, kind, before, Math.min(atMost, MAX_LISTED));
  }

  /// Deletes the object and all that is in it.
  public void delete(WorkspaceId workspace, ObjectKind kind, String id) {
    require(workspace, kind, id);
    if (!forget(id)) {
      throw missing(kind, id);
    }
  }

  /// Deletes the ephemeral objects that nobody needs any more. Their ids.
  public List<String> deleteSilent(ObjectKind kind) {
    Instant oldest = clock.instant().minus(allowedSilence);
    if (oldest.isBefore(startedAt)) {
      // While the server was away, nobody could send heartbeats.
      return List.of();
    }
    return store.listSilent(kind, oldest).stream().filter(this::forget).toList();
  }

  /// Deletes the objects of these ids, as far as they are there.
  public void deleteAll(List<String> ids) {
    ids.forEach(this::forget);
  }

  /// Deletes everything of that kind in the environment. The ids.
  public List<String> deleteAll(EnvironmentId environment, ObjectKind kind) {
    return store.listIds(environment, kind).stream().filter(this::forget).toList();
  }

  /// What a write that failed should say: that the object is gone, when the failure shows it.
  public RuntimeException explain(RuntimeException failure, ObjectKind kind, String id) {
    boolean gone =
        Causes.of(failure)
            .anyMatch(cause ->
                cause instanceof SQLException e && FOREIGN_KEY_VIOLATION.equals(e.getSQLState()));
    if (!gone) {
      return failure;
    }
    known.remove(id);
    return missing(kind, id);
  }

  private boolean forget(String id) {
    boolean deleted = store.delete(id);
    known.remove(id);
    return deleted;
  }

  private Optional<SharedObject> find(Owner owner, ObjectKind kind, String name) {
    return store.find(owner.environment(), kind, requireName(kind, name));
  }

  private SharedObject require(Owner owner, ObjectKind kind, String name) {
    return find(owner, kind, name)
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND,
                "There is no %s '%s' in environment '%s'"
                    .formatted(kind.noun(), name, owner.environmentName())));
  }

  /// Empty when there is one of that name.
  private Optional<SharedObject> make(
      Owner owner, ObjectKind kind, Optional<String> name, Contents contents) {
    if (store.count(owner.environment(), kind) >= MAX_OBJECTS) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "environment '%s' has %d objects of the kind '%s', and no more are allowed"
              .formatted(owner.environmentName(), MAX_OBJECTS, kind.noun()));
    }
    SharedObject object =
        new SharedObject(
            ids.next(kind.idPrefix()),
            kind,
            owner.workspace(),
            owner.environment(),
            name,
            // The database keeps microseconds.
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            owner.user());
    return store.add(object, contents) ? Optional.of(object) : Optional.empty();
  }

  private static String requireName(ObjectKind kind, String name) {
    if (!NAME.matcher(name).matches() || APP_ID.matcher(name).matches()) {
      String shown = Shown.atMost(name, 80);
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' cannot be the name of a %s; 1 to 64 letters, digits, '.', '_' or '-' are expected, and no app id"
              .formatted(shown, kind.noun()));
    }
    return name;
  }

  private static SlipwayException exists(Owner owner, ObjectKind kind, String name) {
    return new SlipwayException(
        ErrorKind.EXISTS,
        "There is a %s '%s' in environment '%s' already"
            .formatted(kind.noun(), name, owner.environmentName()));
  }

  private static SlipwayException missing(ObjectKind kind, String id) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND, "There is no %s '%s'".formatted(kind.noun(), id));
  }
}
