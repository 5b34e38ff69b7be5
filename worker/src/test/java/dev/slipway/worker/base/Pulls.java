package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.images.outbound.Outbound;
import dev.slipway.images.registry.Registry;
import dev.slipway.images.registry.RegistrySettings;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.base.ImageServer.ServedLayer;
import dev.slipway.worker.container.OutputStreamKind;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// A worker's way to a registry that serves two layers, and builds that go it.
final class Pulls implements AutoCloseable {
  private final Path directory;
  private final Registry registry;
  final ImageServer server;
  final ServedLayer shared;
  final ServedLayer upper;
  final LayerStore layers;
  final RegistryBases bases;

  /// @param directory of the worker
  Pulls(Path directory, Path scratch) throws Exception {
    this.directory = directory;
    server = new ImageServer();
    shared = ImageServer.layer(scratch, "name", "from a registry");
    upper = ImageServer.layer(scratch, "other", "above");
    layers = LayerStore.open(directory, Clock.systemUTC());
    Downloads downloads = Downloads.open(directory);
    registry = new Registry(RegistrySettings.standard(), downloads.content(), Outbound.direct());
    bases =
        new RegistryBases(registry, downloads, layers, new SharedMaking(layers), Clock.systemUTC());
  }

  long downloadsOf(String repository, ServedLayer layer) {
    return server.requests().stream().filter(("GET " + layer.path(repository))::equals).count();
  }

  void assertNothingIsDownloaded() throws IOException {
    try (Stream<Path> left = Files.walk(directory.resolve("downloads"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  /// A build that asks for a base.
  record Build(Thread thread, CompletableFuture<Answer> answer) {}

  Build begin(BaseProvider provider, String repository, BuildLog log) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                answer.complete(provider.provide(server.reference(repository), log));
              } catch (Throwable e) {
                answer.completeExceptionally(e);
              }
            });
    return new Build(thread, answer);
  }

  /// What a test does when a line comes.
  interface Listener {
    void hear(String line) throws IOException;
  }

  static BuildLog log(Listener listener) {
    return new BuildLog() {
      @Override
      public void say(String line) {
        try {
          listener.hear(line);
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void accept(OutputStreamKind stream, long timestampNanos, String text) {}
    };
  }

  /// Looks that nothing of the pulls is left.
  @Override
  public void close() throws IOException {
    // Those that are asked for go first: the client waits for them.
    server.close();
    registry.close();
    assertNothingIsDownloaded();
    assertThat(directory.resolve("layers-in-making")).isEmptyDirectory();
  }
}
