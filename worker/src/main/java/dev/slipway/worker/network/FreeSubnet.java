package dev.slipway.worker.network;

import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;

/// The subnet that an installation would take on this machine now.
public final class FreeSubnet {
  private FreeSubnet() {}

  /// @return in the notation `10.N.0.0/20`
  /// @throws SlipwayException of kind `UNAVAILABLE` when none is free
  public static String of(Installation installation) throws InterruptedException {
    return choose(installation).cidr();
  }

  static Subnet choose(Installation installation) throws InterruptedException {
    String inUse =
        Program.require("ip", "-4", "-o", "addr") + "\n" + Program.require("ip", "-4", "route");
    return Subnet.choose(installation.key(), "\n" + inUse);
  }
}
