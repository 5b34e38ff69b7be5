package dev.slipway.images.registry;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads one repository of a registry, or of a mirror of it. Safe for use by several threads.
final class RegistryConnection {
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_TOKEN_BYTES = 1 << 20;

  /// Characters of an address that errors repeat.
  private static final int MOST_SHOWN = 200;

  private static final Pattern PARAMETER = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  private final HttpClient client;
  private final RegistrySettings settings;
  private final URI base;
  private final String repository;
  private final Optional<RegistrySettings.Credentials> credentials;
  private volatile @Nullable String authorization;

  /// Whether the registry has answered anything: who did so once is there.
  private volatile boolean answered;

  /// @param base the registry's address, without the path of its interface
  RegistryConnection(
      HttpClient client,
      RegistrySettings settings,
      URI base,
      String repository,
      Optional<RegistrySettings.Credentials> credentials) {
    this.client = client;
    this.settings = settings;
    this.base = base;
    this.repository = repository;
    this.credentials = credentials;
  }

  String host() {
    return base.getAuthority();
  }

  /// A manifest, by tag or digest.
  InputStream manifest(String version) throws InterruptedException, RegistryAwayException {
    return get("/manifests/" + version, String.join(", ", Manifests.ACCEPTED));
  }

  /// A layer or a config document.
  InputStream blob(String digest) throws InterruptedException, RegistryAwayException {
    return get("/blobs/" + digest, "*/*");
  }

  /// Asks whether we may read a layer, without reading it.
  ///
  /// @throws SlipwayException as [#blob] does when we may not
  void requireReadable(String digest) throws InterruptedException, RegistryAwayException {
    String path = "/blobs/" + digest;
    HttpResponse<InputStream> response = authorized("HEAD", path, "*/*");
    discard(response);
    // Who sends us on to the bytes has let us in.
    if (response.statusCode() != 200 && !isRedirect(response)) {
      throw refused(response.statusCode(), path);
    }
  }

  /// The body of the answer, which the caller closes.
  ///
  /// @throws SlipwayException NOT_FOUND, DENIED, EXHAUSTED (the registry's own limits) or
  ///   UNAVAILABLE, each naming the registry
  private InputStream get(String path, String accept)
      throws InterruptedException, RegistryAwayException {
    HttpResponse<InputStream> response = authorized("GET", path, accept);
    URI address = address(path);
    for (int i = 0; isRedirect(response); i++) {
      discard(response);
      String location = response.headers().firstValue("Location").orElse("/");
      if (i == MOST_REDIRECTS) {
        throw unavailable("it sends from one address to another without end", null);
      }
      address = web(address, location);
      // What proves us to the registry is not for the store that it sends us to.
      response = send("GET", address, accept, isRegistry(address) ? authorization : null);
    }
    if (response.statusCode() != 200) {
      discard(response);
      throw refused(response.statusCode(), path);
    }
    return new StallGuard(response.body(), settings.stallTimeout(), host());
  }

  /// The registry's own answer, after it was told who we are where it wants to know.
  private HttpResponse<InputStream> authorized(String method, String path, String accept)
      throws InterruptedException, RegistryAwayException {
    HttpResponse<InputStream> response = send(method, address(path), accept, authorization);
    if (response.statusCode() == 401) {
      discard(response);
      String granted = authorize(response);
      authorization = granted;
      response = send(method, address(path), accept, granted);
    }
    return response;
  }

  private URI address(String path) {
    return base.resolve("/v2/" + repository + path);
  }

  private boolean isRegistry(URI address) {
    return Objects.equals(address.getAuthority(), base.getAuthority());
  }

  /// An address that the registry names, which may be anything.
  private URI web(URI from, String text) {
    try {
      URI address = from.resolve(new URI(text));
      if (List.of("http", "https").contains(String.valueOf(address.getScheme()))
          && address.getHost() != null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Refused below, with the value.
    }
    String shown = Shown.atMost(text, MOST_SHOWN);
    throw unavailable("it sends us to '" + shown + "', which is no address of the web", null);
  }

  private HttpResponse<InputStream> send(
      String method, URI address, String accept, @Nullable String authorization)
      throws InterruptedException, RegistryAwayException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(settings.answerTimeout())
            .header("Accept", accept)
            .header("User-Agent", "slipway");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      answered |= isRegistry(address);
      return response;
    } catch (HttpTimeoutException e) {
      throw nobody(
          address, "did not answer within %d s".formatted(settings.answerTimeout().toSeconds()), e);
    } catch (ConnectException | UnknownHostException e) {
      throw nobody(address, "cannot be reached", e);
    } catch (IOException e) {
      throw unavailable(describe(e), e);
    }
  }

  private SlipwayException nobody(URI address, String reason, IOException cause)
      throws RegistryAwayException {
    if (!isRegistry(address)) {
      return unavailable(
          "it sends us to %s, which %s".formatted(address.getAuthority(), reason), cause);
    }
    if (!answered) {
      throw new RegistryAwayException(host(), reason, cause);
    }
    return unavailable("it " + reason, cause);
  }

  static String describe(IOException e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  /// What to send so that the registry lets us in.
  private String authorize(HttpResponse<InputStream> refusal)
      throws InterruptedException, RegistryAwayException {
    for (String challenge : refusal.headers().allValues("WWW-Authenticate")) {
      String scheme = challenge.split(" ", 2)[0].toLowerCase(Locale.ROOT);
      if (scheme.equals("bearer")) {
        return "Bearer " + token(parameters(challenge));
      }
      if (scheme.equals("basic") && credentials.isPresent()) {
        return basic(credentials.get());
      }
    }
    throw refused(401, "");
  }

  private String token(Map<String, String> challenge)
      throws InterruptedException, RegistryAwayException {
    String realm = challenge.getOrDefault("realm", "");
    if (!realm.startsWith("http://") && !realm.startsWith("https://")) {
      throw unavailable("it names no address for its tokens", null);
    }
    String scope = challenge.getOrDefault("scope", "repository:" + repository + ":pull");
    URI address =
        web(
            base,
            realm
                + (realm.contains("?") ? "&" : "?")
                + "service="
                + encode(challenge.getOrDefault("service", ""))
                + "&scope="
                + encode(scope));
    HttpResponse<InputStream> response =
        send(
            "GET",
            address,
            "application/json",
            credentials.map(RegistryConnection::basic).orElse(null));
    if (response.statusCode() != 200) {
      discard(response);
      throw refused(response.statusCode() == 400 ? 401 : response.statusCode(), "");
    }
    try (InputStream body =
        new StallGuard(response.body(), settings.stallTimeout(), address.getAuthority())) {
      JsonNode document = Manifests.parse(repository, body.readNBytes(MOST_TOKEN_BYTES));
      String token = document.path("token").asString("");
      return token.isEmpty() ? document.path("access_token").asString("") : token;
    } catch (IOException e) {
      throw unavailable(describe(e), e);
    }
  }

  private static Map<String, String> parameters(String challenge) {
    Map<String, String> result = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(challenge);
    while (parameter.find()) {
      result.put(parameter.group(1), parameter.group(2));
    }
    return result;
  }

  private static String basic(RegistrySettings.Credentials credentials) {
    String pair = credentials.user() + ":" + credentials.password();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static boolean isRedirect(HttpResponse<?> response) {
    int status = response.statusCode();
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static void discard(HttpResponse<InputStream> response) {
    try {
      response.body().close();
    } catch (IOException e) {
      // Nothing of it was wanted.
      return;
    }
  }

  private SlipwayException refused(int status, String path) {
    return switch (status) {
      case 404 ->
          new SlipwayException(
              ErrorKind.NOT_FOUND, "registry %s has no %s%s".formatted(host(), repository, path));
      case 401, 403 ->
          new SlipwayException(
              ErrorKind.DENIED,
              "registry %s does not let us read %s %s"
                  .formatted(
                      host(),
                      repository,
                      credentials.isPresent()
                          ? "with the login of " + credentials.get().user()
                          : "without credentials"));
      case 429 ->
          new SlipwayException(
              ErrorKind.EXHAUSTED, "registry %s allows no more pulls for now".formatted(host()));
      default -> unavailable("it answered with status " + status, null);
    };
  }

  private SlipwayException unavailable(String reason, @Nullable Throwable cause) {
    String sentence = "registry %s does not serve us: %s".formatted(host(), reason);
    return cause == null
        ? new SlipwayException(ErrorKind.UNAVAILABLE, sentence)
        : new SlipwayException(ErrorKind.UNAVAILABLE, sentence, cause);
  }
}
