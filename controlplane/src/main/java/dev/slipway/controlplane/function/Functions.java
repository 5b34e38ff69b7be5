package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.model.AppId;
import dev.slipway.model.ClassId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The rules of functions. Rows and specifications that were used once stay in memory: they are
/// read on every call.
public final class Functions {
  /// Most bytes of one definition.
  static final int MAX_DEFINITION_BYTES = 32 << 20;

  /// Most bytes of the parameters of one variant.
  static final int MAX_PARAMETER_BYTES = 16 << 20;

  /// How many functions are kept in memory; past it the memory is emptied and refills.
  static final int MAX_REMEMBERED = 20_000;

  private final FunctionStore store;
  private final Apps apps;
  private final FunctionTranslation translation;
  private final IdSource ids;
  private final Clock clock;
  private final ConcurrentHashMap<FunctionId, FunctionRow> rows = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<FunctionId, FunctionSpec> specs = new ConcurrentHashMap<>();

  public Functions(
      FunctionStore store, Apps apps, FunctionTranslation translation, IdSource ids, Clock clock) {
    this.store = store;
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
    FunctionId id = existing.orElseGet(() -> new FunctionId(ids.next("fu")));
    Optional<FunctionRow> known = existing.map(e -> requireOf(app, e));
    FunctionRow row =
        new FunctionRow(
            id,
            app,
            Optional.empty(),
            name,
            known.map(FunctionRow::definitionId).orElse(definitionId(announcement)),
            announcement,
            known.flatMap(FunctionRow::definition),
            new byte[0],
            new byte[0],
            clock.instant());
    store.save(row);
    remember(row);
    return row;
  }

  /// Records a function's definition.
  FunctionRow define(
      WorkspaceId workspace,
      AppId app,
      Optional<FunctionId> existing,
      String name,
      byte[] announcement,
      byte[] definition) {
    apps.requireActive(workspace, app);
    if (definition.length > MAX_DEFINITION_BYTES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the definition of '%s' has %d bytes; at most %d are accepted"
              .formatted(name, definition.length, MAX_DEFINITION_BYTES));
    }
    FunctionId id =
        existing.map(e -> requireOf(app, e).id()).orElseGet(() -> new FunctionId(ids.next("fu")));
    FunctionRow row =
        new FunctionRow(
            id,
            app,
            Optional.empty(),
            name,
            definitionId(definition),
            announcement,
            Optional.of(definition),
            new byte[0],
            new byte[0],
            clock.instant());
    // Translating validates: a definition that cannot run is refused here, not when it is called.
    FunctionSpec spec = translation.spec(row, row);
    store.save(row);
    remember(row);
    specs.put(id, spec);
    return row;
  }

  /// The variant of a function with these parameters and options; equal requests give equal ids.
  FunctionRow bind(
      WorkspaceId workspace, FunctionId base, byte[] serializedParameters, byte[] options) {
    FunctionRow baseRow = requireRow(workspace, base);
    if (serializedParameters.length > MAX_PARAMETER_BYTES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the parameters of '%s' have %d bytes; at most %d are accepted"
              .formatted(baseRow.name(), serializedParameters.length, MAX_PARAMETER_BYTES));
    }
    FunctionId id =
        new FunctionId(
            "fu-"
                + shortHash(
                    base.value().getBytes(StandardCharsets.UTF_8), serializedParameters, options));
    FunctionRow row =
        new FunctionRow(
            id,
            baseRow.app(),
            Optional.of(base),
            baseRow.name(),
            baseRow.definitionId(),
            baseRow.announcement(),
            Optional.empty(),
            serializedParameters,
            options,
            clock.instant());
    translation.spec(row, baseRow);
    store.save(row);
    remember(row);
    specs.remove(id);
    return row;
  }

  /// The specification of a function that the workspace owns.
  public FunctionSpec require(WorkspaceId workspace, FunctionId id) {
    requireRow(workspace, id);
    return requireSpec(id);
  }

  /// The specification of a function that is known to exist.
  public FunctionSpec requireSpec(FunctionId id) {
    FunctionSpec known = specs.get(id);
    if (known != null) {
      return known;
    }
    FunctionRow row = findRow(id).orElseThrow(() -> missing(id));
    FunctionSpec spec = translation.spec(row, definitionRow(row));
    specs.put(id, spec);
    return spec;
  }

  /// The app of a function; empty for an unknown id.
  public Optional<AppId> findApp(FunctionId id) {
    return findRow(id).map(FunctionRow::app);
  }

  FunctionRow requireRow(WorkspaceId workspace, FunctionId id) {
    FunctionRow row = findRow(id).orElseThrow(() -> missing(id));
    boolean owned =
        apps.find(row.app()).filter(app -> app.workspace().equals(workspace)).isPresent();
    if (!owned) {
      throw missing(id);
    }
    return row;
  }

  /// The row that holds the definition: the function's own, or that of its base.
  FunctionRow definitionRow(FunctionRow row) {
    return row.base().map(b -> findRow(b).orElseThrow(() -> missing(b))).orElse(row);
  }

  FunctionRow requireRow(FunctionId id) {
    return findRow(id).orElseThrow(() -> missing(id));
  }

  /// The functions that an app has published.
  List<FunctionRow> listPublished(App app) {
    return app.functionIds().values().stream().map(id -> requireRow(new FunctionId(id))).toList();
  }

  /// The functions of an app that this server has dealt with, variants included.
  public List<FunctionId> listUsed(AppId app) {
    return rows.values().stream()
        .filter(row -> row.app().equals(app))
        .map(FunctionRow::id)
        .toList();
  }

  ClassId createClass(WorkspaceId workspace, AppId app, Optional<ClassId> existing) {
    apps.requireActive(workspace, app);
    ClassId id = existing.orElseGet(() -> new ClassId(ids.next("cs")));
    existing.ifPresent(e -> {
      if (!store.findClassApp(e).equals(Optional.of(app))) {
        throw new SlipwayException(
            ErrorKind.NOT_FOUND, "There is no class '" + e + "' in app '" + app + "'");
      }
    });
    store.saveClass(id, app, clock.instant());
    return id;
  }

  private FunctionRow requireOf(AppId app, FunctionId id) {
    return findRow(id)
        .filter(row -> row.app().equals(app))
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND, "There is no function '" + id + "' in app '" + app + "'"));
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

  private void remember(FunctionRow row) {
    if (rows.size() >= MAX_REMEMBERED) {
      rows.clear();
      specs.clear();
    }
    rows.put(row.id(), row);
  }

  private static SlipwayException missing(FunctionId id) {
    return new SlipwayException(ErrorKind.NOT_FOUND, "There is no function '" + id + "'");
  }

  private static String definitionId(byte[] definition) {
    return "de-" + shortHash(definition);
  }

  /// 22 hexadecimal digits of a hash over the parts and their lengths.
  private static String shortHash(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(part.length).flip());
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 22);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
