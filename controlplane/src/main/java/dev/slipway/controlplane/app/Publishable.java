package dev.slipway.controlplane.app;

/// Knows which functions, classes and definitions there are to publish.
@FunctionalInterface
public interface Publishable {
  /// The publication with a definition for each of its functions: the latest where none is named.
  /// Refuses what is not the app's own, and functions that were announced but never defined.
  Publication complete(App app, Publication asked);
}
