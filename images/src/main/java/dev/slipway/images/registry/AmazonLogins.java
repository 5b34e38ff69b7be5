package dev.slipway.images.registry;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Exchanges keys of Amazon's cloud for a login at one of its registries, as
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html says.
final class AmazonLogins {
  private static final Pattern REGISTRY =
      Pattern.compile("[0-9]{12}\\.dkr\\.ecr\\.([a-z0-9-]{1,40})\\.(amazonaws\\.com(?:\\.cn)?)");
  private static final String ACTION = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
  private static final int MOST_ANSWER_BYTES = 1 << 20;

  /// Characters of a refusal that errors repeat.
  private static final int MOST_SHOWN = 300;

  private final HttpClient client;
  private final RegistrySettings settings;
  private final UnaryOperator<URI> route;
  private final Clock clock;

  AmazonLogins(HttpClient client, RegistrySettings settings) {
    this(client, settings, UnaryOperator.identity(), Clock.systemUTC());
  }

  /// @param route where the service of an address is really reached
  AmazonLogins(
      HttpClient client, RegistrySettings settings, UnaryOperator<URI> route, Clock clock) {
    this.client = client;
    this.settings = settings;
    this.route = route;
    this.clock = clock;
  }

  /// @param registry the host
  /// @throws SlipwayException INVALID for a host that is none of Amazon's registries: nobody else
  ///   sees anything of the keys; DENIED when Amazon refuses them; UNAVAILABLE when it is away
  Credentials exchange(AmazonKeys keys, String registry) throws InterruptedException {
    Matcher host = REGISTRY.matcher(registry);
    if (!host.matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "keys of Amazon open no registry '%s'; one such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com was expected"
              .formatted(registry));
    }
    String region = host.group(1);
    URI service = URI.create("https://api.ecr." + region + "." + host.group(2) + "/");
    try {
      HttpResponse<InputStream> response =
          client.send(request(keys, region, service), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body =
          new StallGuard(response.body(), settings.stallTimeout(), service.getHost())) {
        byte[] answer = body.readNBytes(MOST_ANSWER_BYTES);
        return read(service, response.statusCode(), answer);
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "no login for registry %s was to be had at %s: %s"
              .formatted(registry, service.getHost(), RegistryConnection.describe(e)),
          e);
    }
  }

  private HttpRequest request(AmazonKeys keys, String region, URI service) {
    Instant now = clock.instant();
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/x-amz-json-1.1");
    headers.put("X-Amz-Date", AmazonSignature.time(now));
    headers.put("X-Amz-Target", ACTION);
    if (!keys.sessionToken().isEmpty()) {
      headers.put("X-Amz-Security-Token", keys.sessionToken());
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(route.apply(service))
            .timeout(settings.answerTimeout())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    // The client sends this one by itself.
    headers.put("Host", service.getAuthority());
    return request
        .header(
            "Authorization",
            new AmazonSignature(keys, region, "ecr").authorization("POST", headers, body, now))
        .build();
  }

  private static Credentials read(URI service, int status, byte[] answer) {
    if (status >= 500) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "%s gives no logins: it answered with status %d".formatted(service.getHost(), status));
    }
    JsonNode document = Manifests.parse("the login", answer);
    if (status != 200) {
      String why = document.path("message").asString(document.path("__type").asString(""));
      throw new SlipwayException(
          ErrorKind.DENIED,
          "%s does not take the keys: %s"
              .formatted(service.getHost(), Shown.atMost(why, MOST_SHOWN)));
    }
    String token =
        document.path("authorizationData").path(0).path("authorizationToken").asString("");
    try {
      String[] pair =
          new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8).split(":", 2);
      if (pair.length == 2) {
        return new Credentials(pair[0], pair[1]);
      }
    } catch (IllegalArgumentException e) {
      // Refused below, without the token.
    }
    throw new SlipwayException(
        ErrorKind.DATA_LOSS,
        "%s answered without a login: a name and a password were expected"
            .formatted(service.getHost()));
  }
}
