package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rules of apps. Active apps are kept in memory; every change is durable before it is told to
/// anybody.
public final class Apps {
  /// Most tags of one app.
  static final int MAX_TAGS = 50;

  /// Longest description.
  static final int MAX_DESCRIPTION_LENGTH = 512;

  /// Most apps that a listing returns.
  static final int MAX_LISTED = 250;

  /// How many stopped apps are kept in memory; past it the memory is emptied and refills.
  static final int MAX_REMEMBERED_OVER = 1_000;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern ID_FORM = Pattern.compile("ap-[A-Za-z0-9]{22}");
  private static final Logger log = LoggerFactory.getLogger(Apps.class);

  private final AppStore store;
  private final IdSource ids;
  private final Clock clock;
  private final AppListener listener;
  private final ConcurrentHashMap<AppId, App> active = new ConcurrentHashMap<>();
  // What is over never changes, and is asked about until its last container is gone.
  private final ConcurrentHashMap<AppId, App> over = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<AppId, Instant> lastHeartbeats = new ConcurrentHashMap<>();
  // How many clients have joined another one that deploys an app for the first time.
  private final ConcurrentHashMap<AppId, Integer> joined = new ConcurrentHashMap<>();
  // Changes of apps are rare next to calls: one lock keeps "read, decide, write" whole.
  private final ReentrantLock changing = new ReentrantLock();

  public Apps(AppStore store, IdSource ids, Clock clock, AppListener listener) {
    this.store = store;
    this.ids = ids;
    this.clock = clock;
    this.listener = listener;
  }

  /// Takes up the apps that were active when the server stopped. Their clients get a full heartbeat
  /// period to find the server again.
  public void load() {
    Instant now = clock.instant();
    for (App app : store.listActive()) {
      active.put(app.id(), app);
      lastHeartbeats.put(app.id(), now);
    }
  }

  /// The apps whose functions may have containers.
  public List<App> listActive() {
    return List.copyOf(active.values());
  }

  public App create(
      WorkspaceId workspace,
      EnvironmentId environment,
      String environmentName,
      String description,
      AppState state,
      String clientVersion,
      Map<String, String> tags) {
    if (description.length() > MAX_DESCRIPTION_LENGTH) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "an app's description has at most %d characters, not %d"
              .formatted(MAX_DESCRIPTION_LENGTH, description.length()));
    }
    App app =
        new App(
            new AppId(ids.next("ap")),
            workspace,
            environment,
            environmentName,
            Optional.empty(),
            description,
            state,
            0,
            clientVersion,
            requireTags(tags),
            Publication.NOTHING,
            clock.instant(),
            Optional.empty(),
            Optional.empty());
    store.save(app);
    active.put(app.id(), app);
    lastHeartbeats.put(app.id(), app.createdAt());
    return app;
  }

  /// The app for the first deploy under a name. Of two clients that find no app of that name and
  /// deploy one at the same moment, the later one joins the app of the earlier one, as it would
  /// have had it come a moment later: what it publishes is another version of it.
  public App createToDeploy(
      WorkspaceId workspace,
      EnvironmentId environment,
      String environmentName,
      String name,
      String clientVersion,
      Map<String, String> tags) {
    changing.lock();
    try {
      Optional<App> deployed = store.findDeployed(environment, name);
      if (deployed.isPresent()) {
        return deployed.get();
      }
      Optional<App> begun = findInitializing(environment, name);
      if (begun.isPresent()) {
        joined.merge(begun.get().id(), 1, Integer::sum);
        return begun.get();
      }
      return create(
          workspace,
          environment,
          environmentName,
          name,
          AppState.INITIALIZING,
          clientVersion,
          tags);
    } finally {
      changing.unlock();
    }
  }

  private Optional<App> findInitializing(EnvironmentId environment, String name) {
    return active.values().stream()
        .filter(app -> app.state() == AppState.INITIALIZING)
        .filter(app -> app.environment().equals(environment) && app.description().equals(name))
        .findFirst();
  }

  public Optional<App> find(AppId id) {
    App running = active.get(id);
    App known = running != null ? running : over.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<App> stored = store.find(id);
    stored.filter(app -> !app.state().active()).ifPresent(this::rememberOver);
    return stored;
  }

  private void rememberOver(App app) {
    if (over.size() >= MAX_REMEMBERED_OVER) {
      over.clear();
    }
    over.put(app.id(), app);
  }

  /// The app, if it belongs to the workspace.
  public App require(WorkspaceId workspace, AppId id) {
    return find(id)
        .filter(app -> app.workspace().equals(workspace))
        .orElseThrow(
            () -> new SlipwayException(ErrorKind.NOT_FOUND, "There is no app '" + id + "'"));
  }

  /// The app, if it belongs to the workspace and is not over.
  public App requireActive(WorkspaceId workspace, AppId id) {
    App app = require(workspace, id);
    if (!app.state().active()) {
      throw new SlipwayException(ErrorKind.CONFLICT, "The app '" + id + "' has stopped");
    }
    return app;
  }

  /// Whether the app's functions may have containers.
  public boolean isActive(AppId id) {
    App app = active.get(id);
    return app != null && app.state().active();
  }

  /// The deployed app of that name; an app's id is taken as a name too.
  public Optional<App> findDeployed(EnvironmentId environment, String name) {
    if (ID_FORM.matcher(name).matches()) {
      return find(new AppId(name)).filter(app -> app.environment().equals(environment));
    }
    return store.findDeployed(environment, name);
  }

  /// The app that had the name last, if it is over.
  public Optional<App> findStopped(EnvironmentId environment, String name) {
    return store.findStopped(environment, name);
  }

  public List<App> list(EnvironmentId environment) {
    return store.listRecent(environment, MAX_LISTED);
  }

  public void heartbeat(WorkspaceId workspace, AppId id) {
    requireActive(workspace, id);
    lastHeartbeats.put(id, clock.instant());
  }

  public App setTags(WorkspaceId workspace, AppId id, Map<String, String> tags) {
    requireTags(tags);
    return change(workspace, id, app -> Change.of(app.withTags(tags))).app();
  }

  /// What happens when the app's client says goodbye.
  public void clientLeft(WorkspaceId workspace, AppId id, boolean urgent, String reason) {
    App app = require(workspace, id);
    switch (app.state()) {
      case EPHEMERAL -> stop(workspace, id, urgent, reason);
      case INITIALIZING -> {
        if (!othersDeploy(id)) {
          stop(workspace, id, urgent, reason);
        }
      }
      case DETACHED ->
          change(workspace, id, a -> Change.of(a.withState(AppState.DETACHED_DISCONNECTED)));
      case DETACHED_DISCONNECTED, DEPLOYED, STOPPED -> {}
    }
  }

  /// Whether others still deploy the app for the first time, now that one of them has given up.
  private boolean othersDeploy(AppId id) {
    return joined.computeIfPresent(id, (app, others) -> others == 0 ? null : others - 1) != null;
  }

  /// Ends the app; without effect on one that is over.
  public void stop(WorkspaceId workspace, AppId id, boolean urgent, String reason) {
    App stopped;
    changing.lock();
    try {
      App app = require(workspace, id);
      if (!app.state().active()) {
        return;
      }
      stopped = app.withStopped(clock.instant());
      store.save(stopped);
      rememberOver(stopped);
      active.remove(id);
      lastHeartbeats.remove(id);
      joined.remove(id);
    } finally {
      changing.unlock();
    }
    log.info("app {} ({}) stops: {}", id, stopped.description(), reason);
    listener.stopped(stopped, urgent, reason);
  }

  /// The apps whose clients have been silent for longer than allowed.
  List<App> listSilent(Duration allowed) {
    Instant oldest = clock.instant().minus(allowed);
    return active.values().stream()
        .filter(app -> app.state().needsHeartbeats())
        .filter(app -> lastHeartbeats.getOrDefault(app.id(), app.createdAt()).isBefore(oldest))
        .toList();
  }

  /// What becomes of an app, and the version that comes of it.
  record Change(App app, Optional<Deployment> deployment) {
    static Change of(App app) {
      return new Change(app, Optional.empty());
    }
  }

  /// Changes an active app: read, decided and written as one.
  Change change(WorkspaceId workspace, AppId id, Function<App, Change> decide) {
    changing.lock();
    try {
      App before = requireActive(workspace, id);
      Change change = decide.apply(before);
      if (change.deployment().isPresent()) {
        store.save(change.app(), change.deployment().get());
      } else if (!change.app().equals(before)) {
        store.save(change.app());
      }
      active.put(id, change.app());
      if (change.app().state() != AppState.INITIALIZING) {
        joined.remove(id);
      }
      return change;
    } finally {
      changing.unlock();
    }
  }

  /// Refuses a name that is none, or that another deployed app of the environment has.
  void requireFreeName(App app, String name) {
    requireName(name);
    store
        .findDeployed(app.environment(), name)
        .filter(other -> !other.id().equals(app.id()))
        .ifPresent(other -> {
          throw new SlipwayException(
              ErrorKind.EXISTS,
              "The name '%s' belongs to the app %s, which was deployed meanwhile: deploy again to make this its next version"
                  .formatted(name, other.id()));
        });
  }

  /// The detached apps whose clients have left.
  List<App> listLeft() {
    return active.values().stream()
        .filter(app -> app.state() == AppState.DETACHED_DISCONNECTED)
        .toList();
  }

  private static void requireName(String name) {
    if (!NAME.matcher(name).matches() || ID_FORM.matcher(name).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "an app's name has 1 to 64 letters, digits, '.', '_' or '-' and is no app id, unlike '"
              + name
              + "'");
    }
  }

  static Map<String, String> requireTags(Map<String, String> tags) {
    if (tags.size() > MAX_TAGS) {
      throw new SlipwayException(
          ErrorKind.INVALID, "an app has at most " + MAX_TAGS + " tags, not " + tags.size());
    }
    return tags;
  }
}
