package dev.slipway.launcher;

import dev.slipway.launcher.door.DoorKeeper;
import java.util.function.Consumer;

/// Starts a server: everything that [Wiring] builds, on a data directory of its own.
final class SlipwayServer {
  private SlipwayServer() {}

  /// Starts the parts and says on stdout that clients can be served. What was started is in the
  /// lifecycle, also when the start fails halfway.
  ///
  /// @param parts which of the wirings to start
  /// @throws StartRefusedException with a sentence for the operator
  static void start(Configuration configuration, Consumer<Wiring> parts, Lifecycle lifecycle) {
    if (DoorKeeper.findLeft(DataDirectory.keeperNote(configuration.data())).isEmpty()) {
      configuration.listen().requireFree();
    }
    DataDirectory data = lifecycle.add("data directory", DataDirectory.take(configuration.data()));
    LogConfiguration.writeTo(data.resolve("logs"));
    parts.accept(new Wiring(configuration, data, lifecycle));
    ClientEnvironment.announce(data.root(), configuration.listen().url());
    System.out.println("slipway ready " + configuration.listen().url());
    System.out.flush();
  }
}
