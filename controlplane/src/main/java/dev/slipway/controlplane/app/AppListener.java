package dev.slipway.controlplane.app;

/// Told what happens to apps; called after the change is durable.
public interface AppListener {

  /// The app is over: its calls are cancelled and its containers leave.
  ///
  /// @param urgent somebody waits at a terminal for it to be gone
  void stopped(App app, boolean urgent, String reason);
}
