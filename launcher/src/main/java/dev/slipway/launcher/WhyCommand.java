package dev.slipway.launcher;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "why",
    description = "Say why something waits, or why there are as many containers as there are.",
    mixinStandardHelpOptions = true)
final class WhyCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int FOUND = 200;

  @Mixin private DataOption data = new DataOption();

  @Parameters(
      paramLabel = "APP|FUNCTION|CALL",
      description =
          "The name or id of an app, the name (or APP.NAME) or id of a function, or the"
              + " id of a call.")
  private String what = "";

  @Override
  public Integer call() throws InterruptedException {
    Map<String, String> server = ClientEnvironment.require(data.directory()).variables();
    String url = server.get("MODAL_SERVER_URL");
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    url + WhyHttp.PATH + "?of=" + URLEncoder.encode(what, StandardCharsets.UTF_8)))
            .header("x-modal-token-id", String.valueOf(server.get("MODAL_TOKEN_ID")))
            .header("x-modal-token-secret", String.valueOf(server.get("MODAL_TOKEN_SECRET")))
            .timeout(PATIENCE)
            .build();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != FOUND) {
        System.err.println("slipway: " + answer.body().strip());
        return ExitStatus.FAILED.code();
      }
      System.out.print(answer.body());
      System.out.flush();
      return 0;
    } catch (IOException e) {
      throw new StartRefusedException(
          ExitStatus.FAILED, "the server at " + url + " does not answer: " + e.getMessage(), e);
    }
  }
}
