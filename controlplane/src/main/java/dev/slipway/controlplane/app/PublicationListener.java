package dev.slipway.controlplane.app;

/// Told that an app has another version; called after the change is durable.
@FunctionalInterface
public interface PublicationListener {
  /// @param everything whether containers are replaced that run a valid definition, too
  void published(App app, boolean everything);
}
