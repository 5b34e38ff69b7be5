package dev.slipway.images.registry;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How registries are reached.
///
/// @param mirrors by registry: base addresses that are asked before the registry itself
/// @param blocked registries that nothing is pulled from, mirrors included
/// @param credentials by registry
/// @param plainHttp registries without TLS; those on this machine never need it
/// @param answerTimeout how long a registry may take to connect and to begin an answer
/// @param stallTimeout how long it may pause within an answer
public record RegistrySettings(
    Map<String, List<URI>> mirrors,
    Set<String> blocked,
    Map<String, Credentials> credentials,
    Set<String> plainHttp,
    Duration answerTimeout,
    Duration stallTimeout) {
  public RegistrySettings {
    mirrors = Map.copyOf(mirrors);
    blocked = Set.copyOf(blocked);
    credentials = Map.copyOf(credentials);
    plainHttp = Set.copyOf(plainHttp);
  }

  /// A name and its password at a registry.
  public record Credentials(String user, String password) implements RegistryLogin {
    @Override
    public String toString() {
      return "credentials of " + user;
    }
  }

  /// Every registry directly, without credentials.
  public static RegistrySettings standard() {
    return new RegistrySettings(
        Map.of(), Set.of(), Map.of(), Set.of(), Duration.ofSeconds(20), Duration.ofSeconds(30));
  }
}
