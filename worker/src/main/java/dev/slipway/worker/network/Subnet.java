package dev.slipway.worker.network;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;

/// The private subnet of an installation: 4096 addresses, of which the first is the gateway's.
///
/// @param secondOctet the subnet is `10.N.0.0/20`
record Subnet(int secondOctet) {
  static final int PREFIX_LENGTH = 20;

  /// Containers that have an address at the same time.
  static final int MAX_CONTAINERS = (1 << (32 - PREFIX_LENGTH)) - 3;

  private static final int FIRST_OCTET = 96;
  private static final int OCTETS = 120;

  /// The first subnet, counted from a place that follows from the key, that this machine's
  /// addresses and routes do not use.
  ///
  /// @param addressesAndRoutes what `ip` lists, as text
  static Subnet choose(String key, String addressesAndRoutes) {
    int start = Math.floorMod(Integer.parseUnsignedInt(key, 16), OCTETS);
    for (int i = 0; i < OCTETS; i++) {
      Subnet candidate = new Subnet(FIRST_OCTET + (start + i) % OCTETS);
      if (!addressesAndRoutes.contains(" 10." + candidate.secondOctet() + ".")
          && !addressesAndRoutes.contains("\n10." + candidate.secondOctet() + ".")) {
        return candidate;
      }
    }
    throw new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "every private network from 10.%d.0.0 to 10.%d.0.0 is in use on this machine"
            .formatted(FIRST_OCTET, FIRST_OCTET + OCTETS - 1));
  }

  String cidr() {
    return "10." + secondOctet + ".0.0/" + PREFIX_LENGTH;
  }

  String gateway() {
    return "10." + secondOctet + ".0.1";
  }

  /// The address of a namespace.
  ///
  /// @param number between 1 and [#MAX_CONTAINERS]
  String address(int number) {
    int host = number + 1;
    return "10." + secondOctet + "." + (host >> 8) + "." + (host & 0xff);
  }
}
