package dev.slipway.controlplane.app;

import dev.slipway.model.AppId;

/// Where a person looks at an app.
public interface AppAddresses {
  /// The URL of the app's page, printed by the client.
  String page(AppId app);
}
