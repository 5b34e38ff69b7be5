package dev.slipway.images.web;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/// Where downloads for users may go. The server stands where its users do not: what listens on its
/// own machine, or answers on the link only, is not for them.
@FunctionalInterface
public interface Destinations {
  /// Whether something may be fetched from there.
  boolean allows(InetAddress address);

  /// Everywhere but this machine and its links, as for containers.
  static Destinations elsewhere() {
    return address ->
        !address.isLoopbackAddress()
            && !address.isAnyLocalAddress()
            && !address.isLinkLocalAddress()
            && !address.isMulticastAddress()
            && !isOfThisMachine(address);
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      // Nobody can tell: then it is not asked.
      return true;
    }
  }

  /// Refuses a host of which any address is not allowed. The connection that follows finds the same
  /// addresses: Java remembers them for longer than it takes to connect.
  default void require(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!allows(address)) {
          throw new SlipwayException(
              ErrorKind.DENIED,
              "nothing is fetched from %s: it is this machine or on its link (%s)"
                  .formatted(host, address.getHostAddress()));
        }
      }
    } catch (UnknownHostException e) {
      throw new SlipwayException(
          ErrorKind.CONFLICT, "there is no host '" + host + "', as far as this server knows", e);
    }
  }
}
