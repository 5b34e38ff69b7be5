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

  /// The key of a service account, as Google gives it out.
  private static final String GOOGLE_KEY = "SERVICE_ACCOUNT_JSON";

  /// Who logs in with such a key:
  /// https://cloud.google.com/artifact-registry/docs/docker/authentication
  private static final String GOOGLE_USER = "_json_key";

  private RegistryLogins() {}

  /// The login that a secret holds.
  ///
  /// @throws SlipwayException INVALID when it lacks the name or the password
  static Credentials of(SecretVariables secret) {
    String key = secret.values().getOrDefault(GOOGLE_KEY, "");
    if (!key.isEmpty() && !secret.values().containsKey(USER)) {
      return new Credentials(GOOGLE_USER, key);
    }
    List<String> missing =
        List.of(USER, PASSWORD).stream()
            .filter(name -> secret.values().getOrDefault(name, "").isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the secret for the image's registry has %s and lacks %s; a login needs %s and %s, or %s for one of Google's"
              .formatted(secret.values().keySet(), missing, USER, PASSWORD, GOOGLE_KEY));
    }
    return new Credentials(
        secret.values().getOrDefault(USER, ""), secret.values().getOrDefault(PASSWORD, ""));
  }
}
