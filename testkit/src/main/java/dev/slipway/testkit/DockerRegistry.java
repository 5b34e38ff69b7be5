package dev.slipway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/// Debian's docker-registry on loopback, open to everybody or for one user only.
public final class DockerRegistry implements AutoCloseable {
  public static final String USER = "ann";
  public static final String PASSWORD = "open sesame";

  /// The password as `htpasswd -B` writes it.
  private static final String ENTRY =
      USER + ":$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n";

  /// For [#USER], as a header of HTTP.
  public static final String AUTHORIZATION =
      "Basic "
          + Base64.getEncoder()
              .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));

  private static final int TRIES = 200;
  private static final long BETWEEN_TRIES_MILLIS = 50;

  private final Path home;
  private final String host;
  private final Process server;

  private DockerRegistry(Path home, String host, Process server) {
    this.home = home;
    this.host = host;
    this.server = server;
  }

  /// @param home an empty directory
  public static DockerRegistry open(Path home) {
    return start(home, "");
  }

  /// One that [#USER] reads and writes, and nobody else.
  ///
  /// @param home an empty directory
  public static DockerRegistry forOneUser(Path home) {
    Path passwords = write(home.resolve("passwords"), ENTRY);
    return start(
        home,
        """
        auth:
          htpasswd:
            realm: private
            path: %s
        """
            .formatted(passwords));
  }

  private static DockerRegistry start(Path home, String authentication) {
    String host = "127.0.0.1:" + freePort();
    Path configuration =
        write(
            home.resolve("config.yml"),
            """
            version: 0.1
            storage:
              filesystem:
                rootdirectory: %s
            http:
              addr: %s
            """
                    .formatted(home.resolve("data"), host)
                + authentication);
    try {
      Process server =
          new ProcessBuilder("docker-registry", "serve", configuration.toString())
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("log").toFile())
              .start();
      DockerRegistry registry = new DockerRegistry(home, host, server);
      registry.awaitAnswer();
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Its address, as names of images begin with it.
  public String host() {
    return host;
  }

  private void awaitAnswer() throws InterruptedException {
    HttpRequest hello =
        HttpRequest.newBuilder(URI.create("http://" + host + "/v2/"))
            .header("Authorization", AUTHORIZATION)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < TRIES && server.isAlive(); i++) {
        try {
          if (client.send(hello, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException notYet) {
          // Nothing to be done but to ask again.
        }
        Thread.sleep(BETWEEN_TRIES_MILLIS);
      }
    }
    server.destroy();
    throw new AssertionError("docker-registry does not answer: " + log());
  }

  private String log() {
    try {
      return Files.readString(home.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Publishes an image whose only layer is a tar.
  ///
  /// @param name with its tag, without the host
  public void publish(String name, Path tar) {
    HostCommand.run(
        "skopeo",
        "copy",
        "--quiet",
        "--dest-tls-verify=false",
        "--dest-creds=" + USER + ":" + PASSWORD,
        "tarball:" + tar,
        "docker://" + host + "/" + name);
  }

  @Override
  public void close() {
    server.destroy();
    try {
      server.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
