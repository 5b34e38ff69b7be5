package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AmazonLoginsTest {
  private static final String HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  private static final Instant NOW = Instant.parse("2015-08-30T12:36:00Z");

  /// The keys of Amazon's own examples.
  private static final AmazonKeys KEYS =
      new AmazonKeys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "");

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> asked = new ArrayList<>();
  private String authorization = "";
  private HttpServer server;
  private int status = 200;
  private String answer = "";

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(
          exchange.getRequestHeaders().getFirst("X-Amz-Target")
              + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      byte[] body = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Credentials exchange(AmazonKeys keys, String registry) throws InterruptedException {
    return new AmazonLogins(
            client,
            RegistrySettings.standard(),
            service -> {
              asked.add(service.toString());
              return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            },
            Clock.fixed(NOW, ZoneOffset.UTC))
        .exchange(keys, registry);
  }

  /// Signatures that Amazon published for its examples.
  @Test
  void signsAsAmazonsExamplesAreSigned() {
    AmazonSignature signature = new AmazonSignature(KEYS, "us-east-1", "service");
    Map<String, String> headers =
        Map.of("Host", "example.amazonaws.com", "X-Amz-Date", AmazonSignature.time(NOW));

    assertThat(signature.authorization("GET", headers, new byte[0], NOW))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    assertThat(signature.authorization("POST", headers, new byte[0], NOW))
        .endsWith("Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  }

  @Test
  void keysAreExchangedForALogin() throws Exception {
    String token =
        Base64.getEncoder().encodeToString("AWS:a:password".getBytes(StandardCharsets.UTF_8));
    answer = "{\"authorizationData\": [{\"authorizationToken\": \"%s\"}]}".formatted(token);

    assertThat(exchange(KEYS, HOST)).isEqualTo(new Credentials("AWS", "a:password"));

    assertThat(asked)
        .containsExactly(
            "https://api.ecr.eu-west-1.amazonaws.com/",
            "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken{}");
    assertThat(authorization)
        .contains(
            "Credential=AKIDEXAMPLE/20150830/eu-west-1/ecr/aws4_request",
            "SignedHeaders=content-type;host;x-amz-date;x-amz-target,");
    exchange(new AmazonKeys("id", "hush", "session"), HOST);
    assertThat(authorization)
        .contains("x-amz-date;x-amz-security-token;x-amz-target")
        .doesNotContain("hush");
  }

  @Test
  void keysThatAmazonRefusesAreDenied() {
    status = 400;
    answer = "{\"__type\": \"UnrecognizedClientException\", \"message\": \"It is invalid.\"}";

    assertThatThrownBy(() -> exchange(KEYS, HOST))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.DENIED))
        .hasMessage("api.ecr.eu-west-1.amazonaws.com does not take the keys: It is invalid.");
    status = 200;
    assertThatThrownBy(() -> exchange(KEYS, HOST)).hasMessageContaining("without a login");
    status = 503;
    assertThatThrownBy(() -> exchange(KEYS, HOST)).hasMessageContaining("status 503");
  }

  @Test
  void keysAreForRegistriesOfAmazonOnly() {
    for (String other :
        List.of("docker.io", HOST + ".example", "evil.example/" + HOST, HOST + ":443")) {
      assertThatThrownBy(() -> exchange(KEYS, other))
          .hasMessageContaining("keys of Amazon open no registry '" + other + "'");
    }
    assertThat(asked).isEmpty();
  }
}
