package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.ContentStore;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.Digest;
import dev.slipway.testkit.DockerRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;

/// The repository `team/app` of a registry.
record Repository(DockerRegistry registry, HttpClient client) implements AutoCloseable {
  static Repository of(DockerRegistry registry) {
    return new Repository(registry, HttpClient.newHttpClient());
  }

  String host() {
    return registry.host();
  }

  /// Publishes an image in `team/app`.
  void push(String tag, PublishedImage image) throws Exception {
    for (Map.Entry<Digest, byte[]> blob : image.blobs().entrySet()) {
      push(blob.getKey(), blob.getValue());
    }
    push(tag, image.mediaType(), image.manifest());
  }

  /// Publishes a manifest, or a list of them, in `team/app`.
  void push(String tag, String mediaType, byte[] manifest) throws Exception {
    put(URI.create("http://" + host() + "/v2/team/app/manifests/" + tag), mediaType, manifest);
  }

  /// Pulls from `team/app`, and fails when there is anything to note.
  PulledImage pull(
      RegistrySettings settings,
      ContentStore content,
      String version,
      Optional<RegistryLogin> login)
      throws InterruptedException, RegistryAwayException {
    try (Registry registry = new Registry(settings, content, Outbound.direct())) {
      return registry.pull(
          RegistryReference.parse(host() + "/team/app" + version),
          login,
          UnpackedLayers.none(),
          new PullProgress() {
            @Override
            public void downloaded(Digest layer, long bytes, long total) {
              assertThat(bytes).isLessThanOrEqualTo(total);
            }

            @Override
            public void note(String sentence) {
              throw new AssertionError(sentence);
            }
          });
    }
  }

  private void push(Digest digest, byte[] blob) throws Exception {
    URI uploads = URI.create("http://" + host() + "/v2/team/app/blobs/uploads/");
    HttpResponse<Void> begun =
        client.send(
            request(uploads).POST(HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.discarding());
    String location = begun.headers().firstValue("Location").orElseThrow();
    URI upload =
        uploads.resolve(
            location + (location.contains("?") ? "&" : "?") + "digest=sha256:" + digest.hex());
    put(upload, "application/octet-stream", blob);
  }

  private void put(URI address, String mediaType, byte[] body) throws Exception {
    HttpResponse<String> response =
        client.send(
            request(address)
                .header("Content-Type", mediaType)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
  }

  private static HttpRequest.Builder request(URI address) {
    return HttpRequest.newBuilder(address).header("Authorization", DockerRegistry.AUTHORIZATION);
  }

  @Override
  public void close() {
    client.close();
    registry.close();
  }
}
