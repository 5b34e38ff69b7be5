package dev.slipway.controlplane.function;

import dev.slipway.model.FunctionId;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What was changed of functions' scaling while they run. A change is valid for the version of the
/// app for which it was made.
final class ScalingOverrides {
  /// Functions that are remembered; past it the memory is emptied and refills.
  private static final int MAX_REMEMBERED = 20_000;

  private final ScalingStore store;
  private final ConcurrentHashMap<FunctionId, Optional<ScalingStore.Stored>> known =
      new ConcurrentHashMap<>();

  ScalingOverrides(ScalingStore store) {
    this.store = store;
  }

  FunctionSpec applyTo(FunctionSpec spec, int appVersion) {
    return find(spec.id(), appVersion)
        .map(override -> spec.withScaling(override.applyTo(spec.scaling())))
        .orElse(spec);
  }

  /// @param spec without any change
  void change(FunctionSpec spec, int appVersion, ScalingOverride change) {
    ScalingOverride changed =
        find(spec.id(), appVersion)
            .orElse(ScalingOverride.none())
            .then(change)
            .requireValid(spec.name(), spec.scaling());
    ScalingStore.Stored stored = new ScalingStore.Stored(appVersion, changed);
    store.save(spec.id(), stored);
    known.put(spec.id(), Optional.of(stored));
  }

  private Optional<ScalingOverride> find(FunctionId function, int appVersion) {
    Optional<ScalingStore.Stored> stored = known.get(function);
    if (stored == null) {
      stored = store.find(function);
      if (known.size() >= MAX_REMEMBERED) {
        known.clear();
      }
      known.putIfAbsent(function, stored);
    }
    return stored.filter(one -> one.appVersion() == appVersion).map(ScalingStore.Stored::override);
  }
}
