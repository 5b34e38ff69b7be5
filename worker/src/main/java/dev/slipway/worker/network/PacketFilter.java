package dev.slipway.worker.network;

import dev.slipway.worker.machine.Program;
import java.util.List;

/// The installation's table in the kernel's packet filter: what containers may reach.
final class PacketFilter {
  private final String table;

  PacketFilter(String table) {
    this.table = table;
  }

  /// Writes the table.
  ///
  /// @param nameServers of the host: containers may ask those for names, also when they are the
  ///   host's own
  void write(String bridge, Subnet subnet, List<String> nameServers) throws InterruptedException {
    Program.require(List.of("nft", "-f", "-"), rules(bridge, subnet, nameServers));
  }

  /// The rules as text.
  String rules(String bridge, Subnet subnet, List<String> nameServers) {
    StringBuilder names = new StringBuilder();
    for (String server : nameServers) {
      names
          .append("    iifname \"%s\" ip daddr %s udp dport 53 accept\n".formatted(bridge, server))
          .append("    iifname \"%s\" ip daddr %s tcp dport 53 accept\n".formatted(bridge, server));
    }
    return """
    table inet %1$s {
      set platform_ports { type inet_service; }
      set platform_datagrams { type inet_service; }
      chain input {
        type filter hook input priority -10; policy accept;
        iifname "%2$s" ct state established,related accept
        iifname "%2$s" ip daddr %3$s tcp dport @platform_ports accept
        iifname "%2$s" ip daddr %3$s udp dport @platform_datagrams accept
    %5$s    iifname "%2$s" drop
      }
      chain forward {
        type filter hook forward priority -10; policy accept;
        iifname "%2$s" oifname "%2$s" drop
        iifname "%2$s" ip daddr 169.254.0.0/16 drop
        iifname "%2$s" meta nfproto ipv6 drop
        iifname "%2$s" accept
        oifname "%2$s" ct state established,related accept
        oifname "%2$s" drop
      }
      chain postrouting {
        type nat hook postrouting priority 100; policy accept;
        ip saddr %4$s oifname != "%2$s" masquerade
      }
    }
    """
        .formatted(table, bridge, subnet.gateway(), subnet.cidr(), names);
  }

  /// Lets containers reach a port on the gateway's address.
  void open(int port) throws InterruptedException {
    Program.require("nft", "add", "element", "inet", table, "platform_ports", "{ " + port + " }");
  }

  /// Lets containers ask the gateway's address for names.
  void openNames() throws InterruptedException {
    open(53);
    Program.require("nft", "add", "element", "inet", table, "platform_datagrams", "{ 53 }");
  }

  void remove() throws InterruptedException {
    Program.run(List.of("nft", "delete", "table", "inet", table), "", Program.USUAL_TIME);
  }
}
