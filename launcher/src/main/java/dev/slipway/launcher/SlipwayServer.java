package dev.slipway.launcher;

/// Starts a server: everything that [Wiring] builds, on a data directory of its own.
public final class SlipwayServer {
  private SlipwayServer() {}

  /// Starts all parts and returns when clients can be served. What was started is in the lifecycle,
  /// also when the start fails halfway.
  ///
  /// @throws StartRefusedException with a sentence for the operator
  static void start(Configuration configuration, Lifecycle lifecycle) {
    configuration.listen().requireFree();
    DataDirectory data = lifecycle.add("data directory", DataDirectory.take(configuration.data()));
    LogConfiguration.writeTo(data.resolve("logs"));
    new Wiring(configuration, data, lifecycle).allInOne();
    ClientEnvironment.announce(data.root(), configuration.listen().url());
  }
}
