package dev.slipway.launcher.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.Identification;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcServices;
import dev.slipway.model.WorkspaceId;
import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.Line;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The door as the official clients meet it: their own channels and stubs, in a process of their
/// own.
@Tag("integration")
class DoorTest {
  private static final Logger log = LoggerFactory.getLogger(DoorTest.class);
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path directory;

  private final TrialMethods trial = new TrialMethods();
  private final Methods methods = Methods.of(List.of(trial));
  private RpcServices services;
  private Door door;

  @BeforeEach
  void open() {
    services =
        new RpcServices(
            methods,
            new Identification(
                (id, secret) ->
                    id.equals("ak-good") && secret.equals("as-good")
                        ? Optional.of(new Caller.Client(new WorkspaceId("ac-1"), id))
                        : Optional.empty(),
                token -> Optional.empty(),
                task -> Optional.empty()));
    door = Door.open(new InetSocketAddress("127.0.0.1", 0), services, List.of());
  }

  @AfterEach
  void close() {
    door.close();
    assertThat(services.statusViolations()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void carriesLargeMessagesBothWays(ClientRelease client) {
    JsonNode seen = drive(client, "echo");
    assertThat(seen.get("same").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void holdsHundredsOfLongPollsOfOneClientAtOnce(ClientRelease client) {
    JsonNode seen = drive(client, "long_polls");
    assertThat(seen.get("answers").asInt()).isEqualTo(500);
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void interruptsThePollsThatAClientGivesUpAndKeepsItsConnection(ClientRelease client) {
    JsonNode seen = drive(client, "cancelled_polls");
    assertThat(seen.get("interrupted").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void endsAStreamWhenItsReaderLeaves(ClientRelease client) {
    JsonNode seen = drive(client, "cancelled_stream");
    assertThat(seen.get("received").asInt()).isEqualTo(100);
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void deliversEveryMessageOfALongStream(ClientRelease client) {
    JsonNode seen = drive(client, "streamed");
    assertThat(seen.get("received").asInt()).isEqualTo(20_000);
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void handsOverOnceAndTakesBackWhatNobodyGot(ClientRelease client) {
    JsonNode seen = drive(client, "handovers");
    assertThat(seen.get("got").toString()).isEqualTo("[\"1\",\"2\",\"3\"]");
    assertThat(seen.get("tried again").asString()).as("same attempt, same reply").isEqualTo("3");
    assertThat(seen.get("after").asString()).as("one was taken back in between").isEqualTo("5");
    Awaitility.await().until(() -> methods.handoversUnderWay() == 0);
    assertThat(trial.givenBack()).isEqualTo(1);
  }

  @Test
  void answersPingsOnAConnectionWithoutCalls() {
    JsonNode seen = drive(ClientRelease.NEWEST, "idle_pings");
    assertThat(seen.get("same_connection").asBoolean()).isTrue();
    assertThat(seen.get("acknowledged").asInt()).isGreaterThan(5);
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void refusesWithASentenceAndKeepsServing(ClientRelease client) {
    JsonNode seen = drive(client, "refusals");
    assertRefusal(seen, "unknown_method", "UNIMPLEMENTED", "modal.client.ModalClient/VolumeRename");
    assertRefusal(seen, "failing_handler", "ABORTED", "incident");
    assertRefusal(seen, "too_large", "INVALID_ARGUMENT", "104857600 bytes");
    assertRefusal(seen, "malformed", "INVALID_ARGUMENT", "no valid message");
    assertRefusal(seen, "bad_token", "UNAUTHENTICATED", "ak-good");
    assertRefusal(seen, "old_client", "FAILED_PRECONDITION", "0.74.1");
    assertRefusal(seen, "no_token", "UNAUTHENTICATED", "carries none");
    assertThat(seen.get("afterwards").get("same").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"NEWEST", "OLDEST"})
  void answersOrdinaryCallsWithoutWaiting(ClientRelease client) {
    JsonNode seen = drive(client, "unary");
    // A hundred times what is measured on an idle machine: a batching delay anywhere would show.
    assertThat(seen.get("p50_ms").asDouble()).isLessThan(100);
  }

  @Test
  void endsLongPollsPromptlyWhenItCloses() throws Exception {
    Path script = script();
    try (ChildProcess poller = start(ClientRelease.NEWEST, script, "cancelled_polls")) {
      trial.waiting().awaitCount(1);
      door.close();
      assertThat(services.liveCalls()).isZero();
    }
  }

  @Test
  void servesPlainHttpBesideGrpc() throws Exception {
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    HttpResponse<String> nothing = get("/nothing-here");
    assertThat(nothing.statusCode()).isEqualTo(404);
    assertThat(nothing.body()).contains("Nothing is served");
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static void assertRefusal(JsonNode seen, String name, String code, String part) {
    JsonNode refusal = seen.get(name);
    assertThat(refusal.get("code").asString()).as(name + " " + refusal).isEqualTo(code);
    assertThat(refusal.get("sentence").asString()).as(name).contains(part);
  }

  private JsonNode drive(ClientRelease client, String what) {
    try (ChildProcess process = start(client, script(), what)) {
      int status = process.awaitExit(LIMIT);
      assertThat(status).as("%s", process.transcript()).isZero();
      String output = process.transcript().text(Line.Stream.OUT);
      log.info("{} of {}: {}", what, client, output.strip());
      return JsonMapper.shared().readTree(output);
    }
  }

  private ChildProcess start(ClientRelease client, Path script, String what) {
    return ChildProcess.start(
        List.of(
            client.virtualEnvironment().resolve("bin/python").toString(),
            script.toString(),
            what,
            "http://127.0.0.1:" + door.port()),
        directory,
        Map.of("HOME", directory.toString(), "PATH", "/usr/bin:/bin"));
  }

  private Path script() {
    Path script = directory.resolve("official_client.py");
    try (InputStream source =
        Objects.requireNonNull(DoorTest.class.getResourceAsStream("official_client.py"))) {
      if (!Files.exists(script)) {
        Files.copy(source, script);
      }
      return script;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
