package dev.slipway.controlplane.image;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.SlipwayException;
import java.util.List;

/// Logins at registries, as secrets hold them.
final class RegistryLogins {
  private static final String USER = "REGISTRY_USERNAME";
  private static final String PASSWORD = "REGISTRY_PASSWORD";

  private RegistryLogins() {}

  /// The login that a secret holds.
  ///
  /// @throws SlipwayException INVALID when it lacks the name or the password
  static Credentials of(SecretVariables secret) {
    List<String> missing =
        List.of(USER, PASSWORD).stream()
            .filter(name -> secret.values().getOrDefault(name, "").isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the secret for the image's registry has %s and lacks %s; a login needs %s and %s"
              .formatted(secret.values().keySet(), missing, USER, PASSWORD));
    }
    return new Credentials(
        secret.values().getOrDefault(USER, ""), secret.values().getOrDefault(PASSWORD, ""));
  }
}
