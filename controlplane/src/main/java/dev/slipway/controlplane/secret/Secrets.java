package dev.slipway.controlplane.secret;

import dev.slipway.controlplane.object.Creation;
import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.object.Owner;
import dev.slipway.controlplane.object.SharedObject;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretId;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// The rules of secrets. Values come in here and leave only by [#open], for a container or a build;
/// whoever asks about a secret learns the names of its variables.
public final class Secrets {
  /// How long an anonymous secret without an app lives after its last use.
  static final Duration UNUSED_FOR = Duration.ofDays(7);

  /// A use is written down when the one that was written down last is older than this.
  static final Duration USE_GRANULARITY = Duration.ofMinutes(1);

  /// How many anonymous secrets of an app are compared with a new one.
  static final int MOST_COMPARED = 100;

  private final SharedObjects objects;
  private final SecretStore store;
  private final DataKeys keys;
  private final InstantSource clock;

  /// So that equal anonymous secrets that are asked for at the same time become one.
  private final ReentrantLock anonymous = new ReentrantLock();

  public Secrets(SharedObjects objects, SecretStore store, DataKeys keys, InstantSource clock) {
    this.objects = objects;
    this.store = store;
    this.keys = keys;
    this.clock = clock;
  }

  /// The secret of that name.
  ///
  /// @param required variables that it has to have
  /// @throws SlipwayException NOT_FOUND when it is not there, or lacks one of them
  Secret require(Owner owner, String name, Collection<String> required) {
    Secret secret =
        describe(objects.obtain(owner, ObjectKind.SECRET, name, Creation.LOOK_UP).object());
    List<String> missing =
        required.stream().filter(key -> !secret.names().contains(key)).sorted().toList();
    if (!missing.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "secret '%s' in environment '%s' lacks the required %s; it has %s"
              .formatted(name, owner.environmentName(), missing, secret.names()));
    }
    return secret;
  }

  /// The secret of that id, if it belongs to the workspace.
  Secret require(WorkspaceId workspace, SecretId id) {
    return describe(objects.require(workspace, ObjectKind.SECRET, id.value()));
  }

  /// Makes a secret that has a name, or finds it.
  ///
  /// @param creation NEW or IF_MISSING; what is found keeps its values
  Secret make(Owner owner, String name, Creation creation, Map<String, String> variables) {
    return obtain(owner, name, creation, Optional.empty(), variables).secret();
  }

  /// Makes a secret that has a name, or replaces all variables of the one that is there, which
  /// keeps its id.
  Secret overwrite(Owner owner, String name, Map<String, String> variables) {
    Obtained obtained = obtain(owner, name, Creation.IF_MISSING, Optional.empty(), variables);
    if (obtained.made()) {
      return obtained.secret();
    }
    SharedObject object = obtained.secret().object();
    if (!store.replace(obtained.secret().id(), seal(object, variables))) {
      throw gone(obtained.secret().id());
    }
    return describe(object);
  }

  /// A secret without a name. Equal ones of one app are one, so that a program that did not change
  /// defines its functions as before.
  ///
  /// @param app that it belongs to, and goes with
  Secret makeAnonymous(Owner owner, Optional<AppId> app, Map<String, String> variables) {
    VariableRules.require(variables);
    anonymous.lock();
    try {
      Optional<SecretId> same = app.flatMap(one -> findEqual(owner, one, variables));
      return same.isPresent()
          ? require(owner.workspace(), same.get())
          : obtain(owner, "", Creation.EPHEMERAL, app, variables).secret();
    } finally {
      anonymous.unlock();
    }
  }

  private Optional<SecretId> findEqual(Owner owner, AppId app, Map<String, String> variables) {
    List<SecretId> ofApp = store.listOf(app).stream().limit(MOST_COMPARED).toList();
    Map<SecretId, SecretStore.Details> details = store.listDetails(ofApp);
    List<SecretId> alike =
        ofApp.stream()
            .filter(id -> {
              SecretStore.Details one = details.get(id);
              return one != null && one.names().equals(variables.keySet());
            })
            .toList();
    Map<SecretId, SortedMap<String, byte[]>> sealed = store.list(alike);
    return alike.stream()
        .filter(id -> {
          SharedObject object = objects.require(owner.workspace(), ObjectKind.SECRET, id.value());
          return object.environment().equals(owner.environment())
              && open(object, sealed.getOrDefault(id, new TreeMap<>())).equals(variables);
        })
        .findFirst();
  }

  private record Obtained(Secret secret, boolean made) {}

  private Obtained obtain(
      Owner owner,
      String name,
      Creation creation,
      Optional<AppId> app,
      Map<String, String> variables) {
    VariableRules.require(variables);
    boolean nameless = creation == Creation.EPHEMERAL;
    Optional<Instant> usedAt = nameless ? Optional.of(clock.instant()) : Optional.empty();
    SharedObjects.Obtained obtained =
        objects.obtain(
            owner,
            ObjectKind.SECRET,
            name,
            creation,
            (handle, object) ->
                store.add(
                    handle,
                    new SecretId(object.id()),
                    nameless,
                    app,
                    usedAt,
                    seal(object, variables)));
    return new Obtained(describe(obtained.object()), obtained.made());
  }

  /// Sets some variables and removes others.
  ///
  /// @param changes the new values; empty for a variable that goes
  void update(WorkspaceId workspace, SecretId id, Map<String, Optional<String>> changes) {
    SharedObject object = objects.require(workspace, ObjectKind.SECRET, id.value());
    changes.keySet().forEach(VariableRules::requireName);
    boolean changed =
        store.change(
            id,
            sealed -> {
              Map<String, String> variables = open(object, sealed);
              changes.forEach((name, value) ->
                  value.ifPresentOrElse(
                      one -> variables.put(name, one), () -> variables.remove(name)));
              VariableRules.require(variables);
              return seal(object, variables);
            });
    if (!changed) {
      throw gone(id);
    }
  }

  void delete(WorkspaceId workspace, SecretId id) {
    objects.delete(workspace, ObjectKind.SECRET, id.value());
  }

  /// Those with a name that are older than the given time, newest first.
  List<Secret> list(EnvironmentId environment, Instant before, int atMost) {
    List<SharedObject> found = objects.list(environment, ObjectKind.SECRET, before, atMost);
    Map<SecretId, SecretStore.Details> details =
        store.listDetails(found.stream().map(object -> new SecretId(object.id())).toList());
    List<Secret> secrets = new ArrayList<>();
    for (SharedObject object : found) {
      SecretStore.Details one = details.get(new SecretId(object.id()));
      if (one != null) {
        secrets.add(new Secret(object, one.names(), one.usedAt()));
      }
    }
    return secrets;
  }

  /// The names of the variables that these secrets are together.
  ///
  /// @throws SlipwayException NOT_FOUND for a secret that the workspace does not have
  public TreeSet<String> names(WorkspaceId workspace, List<SecretId> ids) {
    ids.forEach(id -> objects.require(workspace, ObjectKind.SECRET, id.value()));
    TreeSet<String> names = new TreeSet<>();
    store.listDetails(ids).values().forEach(one -> names.addAll(one.names()));
    return names;
  }

  /// The variables that these secrets are together, for a container or a build that names them.
  /// Where two set the same one, the later secret wins.
  ///
  /// @throws SlipwayException NOT_FOUND for a secret that the workspace does not have (any more),
  ///   CONFLICT when the master key is not there, INVALID when they are too large together
  public SecretVariables open(WorkspaceId workspace, List<SecretId> ids) {
    if (ids.isEmpty()) {
      return SecretVariables.none();
    }
    List<SharedObject> found =
        ids.stream().map(id -> objects.require(workspace, ObjectKind.SECRET, id.value())).toList();
    Map<SecretId, SortedMap<String, byte[]>> sealed = store.list(ids);
    List<SecretVariables> opened =
        found.stream()
            .map(object -> {
              SecretId id = new SecretId(object.id());
              return SecretVariables.of(open(object, sealed.getOrDefault(id, new TreeMap<>())));
            })
            .toList();
    Instant now = clock.instant();
    ids.forEach(id -> store.saveUse(id, now, now.minus(USE_GRANULARITY)));
    return VariableRules.merge(opened);
  }

  /// Deletes the secrets of an environment, and the key that encrypted them.
  public void deleteAll(EnvironmentId environment) {
    objects.deleteAll(environment, ObjectKind.SECRET);
    keys.forget(environment);
  }

  /// Deletes anonymous secrets that nobody can use any more: those whose app is over, and those
  /// without an app that were not used for a while.
  public void deleteUnneeded(Predicate<AppId> isActive) {
    List<SecretId> unneeded = new ArrayList<>(store.listUnused(clock.instant().minus(UNUSED_FOR)));
    store.listApps().stream()
        .filter(app -> !isActive.test(app))
        .forEach(app -> unneeded.addAll(store.listOf(app)));
    objects.deleteAll(unneeded.stream().map(SecretId::value).toList());
  }

  private Secret describe(SharedObject object) {
    SecretId id = new SecretId(object.id());
    return Optional.ofNullable(store.listDetails(List.of(id)).get(id))
        .map(one -> new Secret(object, one.names(), one.usedAt()))
        .orElseThrow(() -> gone(id));
  }

  private Map<String, byte[]> seal(SharedObject object, Map<String, String> variables) {
    Map<String, byte[]> sealed = new TreeMap<>();
    variables.forEach((name, value) ->
        sealed.put(name, keys.seal(object.environment(), new SecretId(object.id()), name, value)));
    return sealed;
  }

  private Map<String, String> open(SharedObject object, SortedMap<String, byte[]> sealed) {
    Map<String, String> variables = new TreeMap<>();
    sealed.forEach((name, value) ->
        variables.put(
            name, keys.open(object.environment(), new SecretId(object.id()), name, value)));
    return variables;
  }

  private static SlipwayException gone(SecretId id) {
    return new SlipwayException(ErrorKind.NOT_FOUND, "There is no secret '" + id + "'");
  }
}
