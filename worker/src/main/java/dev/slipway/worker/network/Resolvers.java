package dev.slipway.worker.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The host's name servers, as containers can use them. A resolver on a loopback address is the
/// host's own and out of a container's reach: the servers behind it are taken instead, where they
/// are known, and else its answers are relayed from the gateway's address.
///
/// @param configuration contents of `/etc/resolv.conf` for containers
/// @param servers IPv4 addresses of the name servers in it
/// @param loopback IPv4 address of the host's own resolver, when there is no other
public record Resolvers(String configuration, List<String> servers, Optional<String> loopback) {
  private static final Path USUAL = Path.of("/etc/resolv.conf");
  private static final List<Path> BEHIND_LOOPBACK =
      List.of(
          Path.of("/run/systemd/resolve/resolv.conf"),
          Path.of("/run/NetworkManager/no-stub-resolv.conf"));

  public Resolvers {
    servers = List.copyOf(servers);
  }

  public Resolvers(String configuration, List<String> servers) {
    this(configuration, servers, Optional.empty());
  }

  /// The configuration for containers that ask at the gateway's address, when they cannot ask
  /// anywhere else.
  String configurationAt(String gateway) {
    return loopback.isEmpty() ? configuration : "nameserver " + gateway + "\n" + configuration;
  }

  /// Reads the host's.
  public static Resolvers ofHost() {
    Resolvers usual = read(USUAL);
    if (!usual.servers().isEmpty()) {
      return usual;
    }
    return BEHIND_LOOPBACK.stream()
        .filter(Files::isReadable)
        .map(Resolvers::read)
        .filter(resolvers -> !resolvers.servers().isEmpty())
        .findFirst()
        .orElse(usual);
  }

  private static Resolvers read(Path file) {
    try {
      return of(Files.exists(file) ? Files.readString(file) : "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Leaves out name servers that containers cannot reach.
  static Resolvers of(String text) {
    List<String> lines = text.lines().map(String::strip).toList();
    List<String> all =
        lines.stream()
            .filter(line -> line.startsWith("nameserver"))
            .map(line -> line.substring("nameserver".length()).strip())
            .filter(server -> server.matches("\\d{1,3}(\\.\\d{1,3}){3}"))
            .toList();
    List<String> servers = all.stream().filter(server -> !server.startsWith("127.")).toList();
    StringBuilder configuration = new StringBuilder();
    servers.forEach(server -> configuration.append("nameserver ").append(server).append('\n'));
    lines.stream()
        .filter(line -> line.startsWith("search ") || line.startsWith("options "))
        .forEach(line -> configuration.append(line).append('\n'));
    return new Resolvers(
        configuration.toString(),
        servers,
        servers.isEmpty() ? all.stream().findFirst() : Optional.empty());
  }
}
