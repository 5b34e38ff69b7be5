package dev.slipway.controlplane.image;

import dev.slipway.images.registry.AmazonKeys;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Map;

/// Logins at registries, as secrets hold them.
final class RegistryLogins {
  private static final String USER = "REGISTRY_USERNAME";
  private static final String PASSWORD = "REGISTRY_PASSWORD";

  /// The key of a service account, as Google gives it out.
  private static final String GOOGLE_KEY = "SERVICE_ACCOUNT_JSON";

  /// Who logs in with such a key:
  /// https://cloud.google.com/artifact-registry/docs/docker/authentication
  private static final String GOOGLE_USER = "_json_key";

  private static final String AMAZON_KEY = "AWS_ACCESS_KEY_ID";
  private static final String AMAZON_SECRET = "AWS_SECRET_ACCESS_KEY";
  private static final String AMAZON_SESSION = "AWS_SESSION_TOKEN";
  private static final String AMAZON_ROLE = "AWS_ROLE_ARN";

  private RegistryLogins() {}

  /// The login that a secret holds.
  ///
  /// @throws SlipwayException INVALID when it lacks a part of it, UNSUPPORTED for roles of Amazon
  static RegistryLogin of(SecretVariables secret) {
    Map<String, String> values = secret.values();
    if (!values.containsKey(USER)) {
      String key = values.getOrDefault(GOOGLE_KEY, "");
      if (!key.isEmpty()) {
        return new Credentials(GOOGLE_USER, key);
      }
      if (values.containsKey(AMAZON_KEY)) {
        require(secret, List.of(AMAZON_KEY, AMAZON_SECRET));
        return new AmazonKeys(
            values.getOrDefault(AMAZON_KEY, ""),
            values.getOrDefault(AMAZON_SECRET, ""),
            values.getOrDefault(AMAZON_SESSION, ""));
      }
      if (values.containsKey(AMAZON_ROLE)) {
        throw new SlipwayException(
            ErrorKind.UNSUPPORTED,
            "the secret for the image's registry names a role by %s, which this server cannot take on; %s and %s were expected"
                .formatted(AMAZON_ROLE, AMAZON_KEY, AMAZON_SECRET));
      }
    }
    require(secret, List.of(USER, PASSWORD));
    return new Credentials(values.getOrDefault(USER, ""), values.getOrDefault(PASSWORD, ""));
  }

  private static void require(SecretVariables secret, List<String> names) {
    List<String> missing =
        names.stream().filter(name -> secret.values().getOrDefault(name, "").isEmpty()).toList();
    if (!missing.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the secret for the image's registry has %s and lacks %s; a login needs %s and %s, or %s for one of Google's, or %s and %s for one of Amazon's"
              .formatted(
                  secret.values().keySet(),
                  missing,
                  USER,
                  PASSWORD,
                  GOOGLE_KEY,
                  AMAZON_KEY,
                  AMAZON_SECRET));
    }
  }
}
