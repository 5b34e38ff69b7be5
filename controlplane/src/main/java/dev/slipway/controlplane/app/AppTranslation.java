package dev.slipway.controlplane.app;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.AppHandleMetadata;
import dev.slipway.protocol.modal.AppLifecycle;
import dev.slipway.protocol.modal.AppState;
import java.time.Instant;
import java.util.Optional;

/// Writes apps as clients read them.
public final class AppTranslation {
  private AppTranslation() {}

  /// What a client holds of an app.
  public static AppHandleMetadata handle(App app) {
    return AppHandleMetadata.newBuilder()
        .setAppId(app.id().value())
        .setDescription(app.description())
        .setEnvironmentName(app.environmentName())
        .setLifecycle(lifecycle(app))
        .putAllFunctions(app.functionIds())
        .build();
  }

  static AppLifecycle lifecycle(App app) {
    return AppLifecycle.newBuilder()
        .setAppState(wire(app.state()))
        .setCreatedAt(seconds(app.createdAt()))
        .setDeployedAt(app.deployedAt().map(AppTranslation::seconds).orElse(0.0))
        .setStoppedAt(app.stoppedAt().map(AppTranslation::seconds).orElse(0.0))
        .setVersion(app.version())
        .build();
  }

  static Optional<dev.slipway.controlplane.app.AppState> state(AppState wire) {
    return switch (wire) {
      case APP_STATE_EPHEMERAL -> Optional.of(dev.slipway.controlplane.app.AppState.EPHEMERAL);
      case APP_STATE_DETACHED -> Optional.of(dev.slipway.controlplane.app.AppState.DETACHED);
      case APP_STATE_DEPLOYED -> Optional.of(dev.slipway.controlplane.app.AppState.DEPLOYED);
      case APP_STATE_INITIALIZING ->
          Optional.of(dev.slipway.controlplane.app.AppState.INITIALIZING);
      case APP_STATE_UNSPECIFIED -> Optional.empty();
      case APP_STATE_STOPPING,
          APP_STATE_STOPPED,
          APP_STATE_DISABLED,
          APP_STATE_DETACHED_DISCONNECTED,
          APP_STATE_DERIVED,
          UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID, "an app cannot be put into the state " + wire + " by a client");
    };
  }

  static AppState wire(dev.slipway.controlplane.app.AppState state) {
    return switch (state) {
      case INITIALIZING -> AppState.APP_STATE_INITIALIZING;
      case EPHEMERAL -> AppState.APP_STATE_EPHEMERAL;
      case DETACHED -> AppState.APP_STATE_DETACHED;
      case DETACHED_DISCONNECTED -> AppState.APP_STATE_DETACHED_DISCONNECTED;
      case DEPLOYED -> AppState.APP_STATE_DEPLOYED;
      case STOPPED -> AppState.APP_STATE_STOPPED;
    };
  }

  static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1000.0;
  }
}
