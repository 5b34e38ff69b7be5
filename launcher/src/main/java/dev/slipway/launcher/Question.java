package dev.slipway.launcher;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// Asks the server of a data directory something that it answers in lines of text, and prints them.
final class Question {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int FOUND = 200;

  private Question() {}

  /// @param path with the query
  /// @return the exit status
  static int ask(Path data, String path) throws InterruptedException {
    Map<String, String> server = ClientEnvironment.require(data).variables();
    String url = server.get("MODAL_SERVER_URL");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header(TokenHeaders.ID, String.valueOf(server.get("MODAL_TOKEN_ID")))
            .header(TokenHeaders.SECRET, String.valueOf(server.get("MODAL_TOKEN_SECRET")))
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
