package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The rules of publishing. A publication is one step: whoever looks sees the app before it or
/// after it, and of two at the same moment the later one is valid, whole.
public final class Deployments {
  /// Most versions that a history tells.
  static final int MAX_LISTED = 200;

  /// Longest name that a deployer gives to a version.
  static final int MAX_TAG_LENGTH = 50;

  private final Apps apps;
  private final AppStore store;
  private final Publishable publishable;
  private final PublicationListener listener;
  private final Clock clock;

  public Deployments(
      Apps apps,
      AppStore store,
      Publishable publishable,
      PublicationListener listener,
      Clock clock) {
    this.apps = apps;
    this.store = store;
    this.publishable = publishable;
    this.listener = listener;
    this.clock = clock;
  }

  /// What came of a publication.
  ///
  /// @param changed false when everything was the same already
  public record Outcome(App app, boolean changed) {}

  /// A deploy, as it is asked for.
  ///
  /// @param staged the version is kept, to be made valid later
  /// @param tags of the app, from then on; those that it has when empty
  public record Deploy(
      String name, Deployment.Note note, boolean staged, Map<String, String> tags) {
    Map<String, String> tagsOf(App app) {
      return tags.isEmpty() ? app.tags() : tags;
    }
  }

  /// Makes functions and classes of an app valid that is not deployed: one that runs for its
  /// client.
  ///
  /// @param state empty leaves the state as it is
  public App publish(WorkspaceId workspace, AppId id, Optional<AppState> state, Publication asked) {
    if (state.equals(Optional.of(AppState.DEPLOYED))) {
      throw new SlipwayException(ErrorKind.INVALID, "an app is deployed under a name");
    }
    App published =
        apps.change(
                workspace,
                id,
                app -> {
                  if (app.state() == AppState.DEPLOYED) {
                    throw new SlipwayException(
                        ErrorKind.CONFLICT,
                        "the app '%s' is deployed: it is published under its name"
                            .formatted(nameOf(app)));
                  }
                  App changed = app.withPublished(publishable.complete(app, asked));
                  return Apps.Change.of(changed.withState(state.orElse(app.state())));
                })
            .app();
    listener.published(published, false);
    return published;
  }

  /// Deploys an app: gives it the name and makes a version of it.
  public Outcome deploy(WorkspaceId workspace, AppId id, Publication asked, Deploy deploy) {
    requireTag(deploy.note().tag());
    Apps.Change change =
        apps.change(
            workspace,
            id,
            app -> {
              apps.requireFreeName(app, deploy.name());
              Publication complete = publishable.complete(app, asked);
              if (isSame(app, complete, deploy)) {
                return Apps.Change.of(app);
              }
              if (deploy.staged()) {
                return stage(app, complete, deploy.note());
              }
              App tagged = app.withTags(Apps.requireTags(deploy.tagsOf(app)));
              return valid(
                  tagged.withPublished(complete),
                  deploy.name(),
                  DeploymentKind.STANDARD,
                  OptionalInt.empty(),
                  deploy.note());
            });
    return change.deployment().isPresent() ? told(change, false) : new Outcome(change.app(), false);
  }

  /// Deploys an app without any function, unless somebody has deployed it meanwhile.
  public App deployEmpty(WorkspaceId workspace, AppId id, String name, Deployment.Note note) {
    Apps.Change change =
        apps.change(
            workspace,
            id,
            app -> {
              if (app.state() == AppState.DEPLOYED) {
                return Apps.Change.of(app);
              }
              apps.requireFreeName(app, name);
              return valid(
                  app.withPublished(Publication.NOTHING),
                  name,
                  DeploymentKind.STANDARD,
                  OptionalInt.empty(),
                  note);
            });
    return change.deployment().isPresent() ? told(change, false).app() : change.app();
  }

  private boolean isSame(App app, Publication complete, Deploy deploy) {
    if (app.state() != AppState.DEPLOYED
        || !app.published().equals(complete)
        || !app.tags().equals(deploy.tagsOf(app))) {
      return false;
    }
    String tag = store.findDeployment(app.id(), app.version()).map(Deployment::tag).orElse("");
    return deploy.note().tag().isEmpty() || deploy.note().tag().equals(tag);
  }

  private Apps.Change stage(App app, Publication complete, Deployment.Note note) {
    if (app.state() != AppState.DEPLOYED) {
      throw new SlipwayException(
          ErrorKind.CONFLICT, "only an app that is deployed can have a staged version");
    }
    return new Apps.Change(
        app,
        Optional.of(
            deployment(
                app.withPublished(complete),
                store.findHighestVersion(app.id()) + 1,
                DeploymentKind.STAGED,
                OptionalInt.empty(),
                note,
                clock.instant())));
  }

  /// Makes an earlier version valid again, as a new version.
  ///
  /// @param version a number of the history, or negative: how many to go back
  public Outcome rollback(WorkspaceId workspace, AppId id, int version, Deployment.Note note) {
    return told(
        apps.change(
            workspace,
            id,
            app -> {
              requireDeployed(app);
              Deployment target =
                  requireVersion(app, version < 0 ? app.version() + version : version);
              if (target.version() == app.version()) {
                throw new SlipwayException(
                    ErrorKind.CONFLICT,
                    "version %d of '%s' is the valid one already"
                        .formatted(app.version(), nameOf(app)));
              }
              if (target.kind() == DeploymentKind.STAGED) {
                throw new SlipwayException(
                    ErrorKind.CONFLICT,
                    "version %d of '%s' was staged and never valid: promote it"
                        .formatted(target.version(), nameOf(app)));
              }
              return repeat(app, target, DeploymentKind.ROLLBACK, note);
            }),
        false);
  }

  /// The valid version again, with new containers.
  public Outcome rollover(WorkspaceId workspace, AppId id, Deployment.Note note) {
    return told(
        apps.change(
            workspace,
            id,
            app -> {
              requireDeployed(app);
              return repeat(app, requireVersion(app, app.version()), DeploymentKind.ROLLOVER, note);
            }),
        true);
  }

  /// Makes a staged version valid.
  public Outcome promote(WorkspaceId workspace, AppId id, int version, Deployment.Note note) {
    return told(
        apps.change(
            workspace,
            id,
            app -> {
              requireDeployed(app);
              return repeat(app, requireVersion(app, version), DeploymentKind.PROMOTION, note);
            }),
        false);
  }

  /// The versions of an app, latest first.
  public List<Deployment> list(WorkspaceId workspace, AppId id) {
    return store.listDeployments(apps.require(workspace, id).id(), MAX_LISTED);
  }

  /// One version of a deployed app.
  public Deployment requireVersion(App app, int version) {
    return store
        .findDeployment(app.id(), version)
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND,
                "the app '%s' has no version %d; its versions are 1 to %d"
                    .formatted(nameOf(app), version, store.findHighestVersion(app.id()))));
  }

  private Apps.Change repeat(
      App app, Deployment target, DeploymentKind kind, Deployment.Note note) {
    return valid(
        app.withPublished(target.published()),
        app.name().orElseThrow(),
        kind,
        OptionalInt.of(target.version()),
        note);
  }

  private Apps.Change valid(
      App app, String name, DeploymentKind kind, OptionalInt source, Deployment.Note note) {
    Instant now = clock.instant();
    int version = store.findHighestVersion(app.id()) + 1;
    return new Apps.Change(
        app.withDeployed(name, version, now),
        Optional.of(deployment(app, version, kind, source, note, now)));
  }

  private static Deployment deployment(
      App app,
      int version,
      DeploymentKind kind,
      OptionalInt source,
      Deployment.Note note,
      Instant at) {
    return new Deployment(
        app.id(),
        version,
        kind,
        app.published(),
        note.clientVersion(),
        note.deployedBy(),
        note.tag(),
        note.commit(),
        source,
        at);
  }

  private Outcome told(Apps.Change change, boolean everything) {
    listener.published(change.app(), everything);
    return new Outcome(change.app(), true);
  }

  private static void requireDeployed(App app) {
    if (app.state() != AppState.DEPLOYED) {
      throw new SlipwayException(ErrorKind.CONFLICT, "the app '" + app.id() + "' is not deployed");
    }
  }

  private static void requireTag(String tag) {
    if (tag.length() > MAX_TAG_LENGTH) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the tag of a version has at most %d characters, not %d"
              .formatted(MAX_TAG_LENGTH, tag.length()));
    }
  }

  private static String nameOf(App app) {
    return app.name().orElse(app.description());
  }
}
