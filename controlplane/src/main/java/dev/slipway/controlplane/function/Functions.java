package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppState;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.app.Publication;
import dev.slipway.controlplane.app.Publishable;
import dev.slipway.model.AppId;
import dev.slipway.model.ClassId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.ImageId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The rules of functions. Rows and specifications that were used once stay in memory: they are
/// read on every call.
public final class Functions implements Publishable {
  /// Most bytes of one definition.
  static final int MAX_DEFINITION_BYTES = 32 << 20;

  /// Most bytes of the parameters of one variant.
  static final int MAX_PARAMETER_BYTES = 16 << 20;

  /// How many functions are kept in memory; past it the memory is emptied and refills.
  static final int MAX_REMEMBERED = 20_000;

  /// Most variants of an app's functions that are listed.
  static final int MAX_LISTED_VARIANTS = 1_000;

  /// What a specification is made of; any of it may change while the function keeps its id.
  private record SpecKey(FunctionId function, String definitionId, boolean published) {}

  private record DefinitionKey(FunctionId function, String id) {}

  private final FunctionStore store;
  private final ScalingOverrides overrides;
  private final Apps apps;
  private final FunctionTranslation translation;
  private final IdSource ids;
  private final Clock clock;
  private final ConcurrentHashMap<FunctionId, FunctionRow> rows = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<DefinitionKey, Definition> definitions =
      new ConcurrentHashMap<>();
  private final ConcurrentHashMap<SpecKey, FunctionSpec> specs = new ConcurrentHashMap<>();

  public Functions(
      FunctionStore store, Apps apps, FunctionTranslation translation, IdSource ids, Clock clock) {
    this.store = store;
    this.overrides = new ScalingOverrides(store.scaling());
    this.apps = apps;
    this.translation = translation;
    this.ids = ids;
    this.clock = clock;
  }

  /// Gives a function its id before its definition is known.
  FunctionRow announce(
      WorkspaceId workspace,
      AppId app,
      Optional<FunctionId> existing,
      String name,
      byte[] announcement) {
    apps.requireActive(workspace, app);
    Optional<FunctionRow> known = known(app, existing, name);
    FunctionRow row =
        own(
            known.map(FunctionRow::id).orElseGet(this::nextId),
            app,
            name,
            known.flatMap(FunctionRow::latestDefinition),
            announcement);
    store.save(row);
    remember(row);
    return row;
  }

  /// A function and the definition that it was given just now.
  record Defined(FunctionRow row, Definition definition) {}

  /// Takes in a function's definition. A function that its app has published keeps the definition
  /// that it was published with until the app is published again.
  Defined define(
      WorkspaceId workspace,
      AppId app,
      Optional<FunctionId> existing,
      String name,
      byte[] message,
      String definitionId) {
    apps.requireActive(workspace, app);
    if (message.length > MAX_DEFINITION_BYTES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the definition of '%s' has %d bytes; at most %d are accepted"
              .formatted(name, message.length, MAX_DEFINITION_BYTES));
    }
    Optional<FunctionRow> known = existing.map(e -> requireOf(app, e));
    FunctionRow row =
        own(
            known.map(FunctionRow::id).orElseGet(this::nextId),
            app,
            name,
            Optional.of(definitionId),
            known.map(FunctionRow::announcement).orElse(new byte[0]));
    Definition definition = new Definition(row.id(), definitionId, message);
    // Translating validates: a definition that cannot run is refused here, not when it is called.
    ImageId image = translation.spec(row, definition, true).image();
    store.save(row, definition, image, clock.instant());
    definitions.put(new DefinitionKey(row.id(), definitionId), definition);
    remember(row);
    return new Defined(row, definition);
  }

  /// The function that is announced again. A client whose app was deployed for the first time by
  /// another one meanwhile does not know the ids of its functions: their names are enough, so that
  /// handles which were given out stay good.
  private Optional<FunctionRow> known(AppId app, Optional<FunctionId> existing, String name) {
    return existing
        .or(() ->
            apps.find(app)
                .filter(found -> found.state() == AppState.DEPLOYED)
                .map(found -> found.functionIds().get(name))
                .map(FunctionId::new))
        .map(id -> requireOf(app, id));
  }

  /// An image that a function of an app may run in.
  public record UsedImage(AppId app, ImageId image) {}

  /// The images of everything that may run: of all versions of all apps that are not stopped.
  public Set<UsedImage> listUsedImages() {
    Set<UsedImage> used = new HashSet<>();
    for (FunctionStore.Named named : store.listNamedImages()) {
      used.add(new UsedImage(named.app(), named.image().orElseGet(() -> imageOf(named))));
    }
    return used;
  }

  private ImageId imageOf(FunctionStore.Named named) {
    FunctionRow row = requireRow(named.function());
    Definition definition =
        store.findDefinition(named.function(), named.definition()).orElseThrow();
    return translation.spec(row, definition, true).image();
  }

  private FunctionRow own(
      FunctionId id, AppId app, String name, Optional<String> latest, byte[] announcement) {
    return new FunctionRow(
        id,
        app,
        Optional.empty(),
        name,
        latest,
        announcement,
        new byte[0],
        new byte[0],
        Optional.empty(),
        clock.instant());
  }

  private FunctionId nextId() {
    return new FunctionId(ids.next("fu"));
  }

  /// The variant of a function with these parameters and options; equal requests give equal ids. A
  /// variant of a variant keeps what it does not change itself.
  FunctionRow bind(
      WorkspaceId workspace, FunctionId base, byte[] serializedParameters, byte[] options) {
    FunctionRow parent = requireRow(workspace, base);
    if (serializedParameters.length > MAX_PARAMETER_BYTES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the parameters of '%s' have %d bytes; at most %d are accepted"
              .formatted(parent.name(), serializedParameters.length, MAX_PARAMETER_BYTES));
    }
    byte[] parameters =
        serializedParameters.length == 0 ? parent.serializedParameters() : serializedParameters;
    Definition definition = requireDefinition(parent);
    translation.requireParameters(definition, parameters);
    return variant(
        parent,
        parameters,
        FunctionTranslation.combine(parent.options(), options),
        parent.pin(),
        definition);
  }

  /// The function as it is in one version of its app, whatever version is valid.
  FunctionRow pin(FunctionRow function, int version, String definitionId) {
    return variant(
        function,
        function.serializedParameters(),
        function.options(),
        Optional.of(new FunctionRow.Pin(version, definitionId)),
        requireDefinition(function.root(), definitionId));
  }

  private FunctionRow variant(
      FunctionRow parent,
      byte[] parameters,
      byte[] options,
      Optional<FunctionRow.Pin> pin,
      Definition definition) {
    FunctionRow row =
        new FunctionRow(
            Hashes.variantId(parent.root(), parameters, options, pin),
            parent.app(),
            Optional.of(parent.root()),
            parent.name(),
            Optional.empty(),
            parent.announcement(),
            parameters,
            options,
            pin,
            clock.instant());
    translation.spec(row, definition, true);
    store.save(row);
    remember(row);
    return row;
  }

  /// The specification of a function that the workspace owns.
  public FunctionSpec require(WorkspaceId workspace, FunctionId id) {
    requireRow(workspace, id);
    return requireSpec(id);
  }

  /// Refuses a function that the valid version of its deployed app does not have any more: somebody
  /// holds a handle of it still.
  public void requirePart(FunctionId id) {
    FunctionRow row = requireRow(id);
    apps.find(row.app())
        .filter(row::isRemovedFrom)
        .ifPresent(app -> {
          throw Refusals.removed(row, app);
        });
  }

  /// The specification of a function that is known to exist, by the definition that is valid now.
  public FunctionSpec requireSpec(FunctionId id) {
    FunctionRow row = requireRow(id);
    FunctionSpec spec = overrides.applyTo(definedSpec(row), version(row));
    return apps.find(row.app()).filter(row::isRemovedFrom).isEmpty() ? spec : spec.removed();
  }

  /// Changes how a function scales, until its app is deployed again.
  FunctionSpec rescale(WorkspaceId workspace, FunctionId id, ScalingOverride change) {
    FunctionRow row = requireRow(workspace, id);
    overrides.change(definedSpec(row), version(row), change);
    return requireSpec(id);
  }

  private int version(FunctionRow row) {
    return apps.find(row.app()).map(App::version).orElse(0);
  }

  private FunctionSpec definedSpec(FunctionRow row) {
    Publication published = published(row);
    String valid = validDefinitionId(row, published).orElseThrow(() -> Refusals.undefined(row));
    boolean part = row.pin().isEmpty() && published.definitionIds().containsKey(row.root().value());
    SpecKey key = new SpecKey(row.id(), valid, part || published.equals(Publication.NOTHING));
    FunctionSpec known = specs.get(key);
    if (known != null) {
      return known;
    }
    FunctionSpec spec =
        translation.spec(row, requireDefinition(row.root(), valid), key.published());
    specs.put(key, spec);
    return spec;
  }

  /// The function, or what it is a variant of, and all variants of that.
  public List<FunctionId> listWithVariants(FunctionId id) {
    FunctionId root = requireRow(id).root();
    return Stream.concat(Stream.of(root), store.listVariants(root).stream()).toList();
  }

  /// What people call a function.
  ///
  /// @param module where its code is; empty when nobody said
  public record Label(String name, String module) {}

  /// The label of a function that is known to exist.
  public Label label(FunctionId id) {
    FunctionRow row = requireRow(id);
    return new Label(
        row.name(),
        findDefinition(row).map(definition -> translation.moduleName(row, definition)).orElse(""));
  }

  private Publication published(FunctionRow row) {
    return apps.find(row.app()).map(App::published).orElse(Publication.NOTHING);
  }

  /// Pinned, else published, else the latest that arrived.
  private Optional<String> validDefinitionId(FunctionRow row, Publication published) {
    return row.pin()
        .map(FunctionRow.Pin::definitionId)
        .or(() -> Optional.ofNullable(published.definitionIds().get(row.root().value())))
        .or(() -> findRow(row.root()).flatMap(FunctionRow::latestDefinition));
  }

  /// The definition that is valid for the function when its app is as given.
  Optional<Definition> findDefinition(FunctionRow row, Publication published) {
    return validDefinitionId(row, published).map(id -> requireDefinition(row.root(), id));
  }

  /// The definition that is valid now; empty for a function that was only announced.
  Optional<Definition> findDefinition(FunctionRow row) {
    return findDefinition(row, published(row));
  }

  Definition requireDefinition(FunctionRow row) {
    return findDefinition(row).orElseThrow(() -> Refusals.undefined(row));
  }

  Definition requireDefinition(FunctionId function, String id) {
    DefinitionKey key = new DefinitionKey(function, id);
    Definition known = definitions.get(key);
    if (known != null) {
      return known;
    }
    Definition stored =
        store
            .findDefinition(function, id)
            .orElseThrow(() -> Refusals.withoutDefinition(function, id));
    definitions.put(key, stored);
    return stored;
  }

  @Override
  public Publication complete(App app, Publication asked) {
    Map<String, String> valid = new HashMap<>();
    for (String wireId : asked.functionIds().values()) {
      FunctionRow row = requireOf(app.id(), new FunctionId(wireId));
      String definitionId = asked.definitionIds().getOrDefault(wireId, "");
      valid.put(
          wireId,
          definitionId.isEmpty()
              ? row.latestDefinition().orElseThrow(() -> Refusals.undefined(row))
              : requireDefinition(row.id(), definitionId).id());
    }
    asked.classIds().values().forEach(id -> requireClassOf(app.id(), new ClassId(id)));
    return new Publication(asked.functionIds(), asked.classIds(), valid);
  }

  /// The app of a function; empty for an unknown id.
  public Optional<AppId> findApp(FunctionId id) {
    return findRow(id).map(FunctionRow::app);
  }

  FunctionRow requireRow(WorkspaceId workspace, FunctionId id) {
    FunctionRow row = findRow(id).orElseThrow(() -> Refusals.missing(id));
    boolean owned =
        apps.find(row.app()).filter(app -> app.workspace().equals(workspace)).isPresent();
    if (!owned) {
      throw Refusals.missing(id);
    }
    return row;
  }

  FunctionRow requireRow(FunctionId id) {
    return findRow(id).orElseThrow(() -> Refusals.missing(id));
  }

  /// The functions of an app that this server has dealt with, variants included.
  public List<FunctionId> listUsed(AppId app) {
    return rows.values().stream()
        .filter(row -> row.app().equals(app))
        .map(FunctionRow::id)
        .toList();
  }

  /// The functions that the app has published, and the latest of their variants.
  public List<FunctionId> listPublished(App app) {
    return Stream.concat(
            app.functionIds().values().stream().map(FunctionId::new),
            store.listVariants(app.id(), MAX_LISTED_VARIANTS).stream())
        .toList();
  }

  ClassId createClass(WorkspaceId workspace, AppId app, Optional<ClassId> existing) {
    apps.requireActive(workspace, app);
    ClassId id = existing.orElseGet(() -> new ClassId(ids.next("cs")));
    existing.ifPresent(e -> requireClassOf(app, e));
    store.saveClass(id, app, clock.instant());
    return id;
  }

  private void requireClassOf(AppId app, ClassId id) {
    if (!store.findClassApp(id).equals(Optional.of(app))) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND, "There is no class '" + id + "' in app '" + app + "'");
    }
  }

  /// The function, if it is the app's own and no variant.
  private FunctionRow requireOf(AppId app, FunctionId id) {
    return findRow(id)
        .filter(row -> row.app().equals(app) && row.base().isEmpty())
        .orElseThrow(() -> Refusals.missingIn(app, id));
  }

  private Optional<FunctionRow> findRow(FunctionId id) {
    FunctionRow known = rows.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<FunctionRow> stored = store.find(id);
    stored.ifPresent(this::remember);
    return stored;
  }

  /// The chore that removes the functions of apps that are over.
  ///
  /// @param called whether calls of any of the functions are kept
  public Runnable chore(Predicate<List<FunctionId>> called) {
    return new ForgottenFunctionsChore(store, this, apps, called, clock);
  }

  /// Forgets what is removed of an app that is over.
  void forget(AppId app) {
    rows.values().removeIf(row -> row.app().equals(app));
    specs.values().removeIf(spec -> spec.app().equals(app));
    definitions.keySet().removeIf(key -> !rows.containsKey(key.function()));
  }

  private void remember(FunctionRow row) {
    if (rows.size() >= MAX_REMEMBERED) {
      rows.clear();
      specs.clear();
      definitions.clear();
    }
    rows.put(row.id(), row);
  }
}
