package dev.slipway.launcher;

import java.net.URI;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "worker",
    description = "Run containers for a server on another machine, until Ctrl-C or SIGTERM.",
    mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--join",
      paramLabel = "URL",
      required = true,
      description = "Where the server is, such as http://server.example:8470.")
  private @Nullable URI server;

  @Option(
      names = "--token",
      paramLabel = "T",
      required = true,
      defaultValue = "${SLIPWAY_WORKER_TOKEN}",
      description =
          "The content of the file worker-token in the server's data directory (default: the"
              + " environment variable SLIPWAY_WORKER_TOKEN, which no other user can read).")
  private @Nullable String token;

  @Override
  public Integer call() throws InterruptedException {
    RemoteServer remote =
        RemoteServer.of(
            Objects.requireNonNull(server, "is required"),
            Objects.requireNonNull(token, "is required"));
    Foreground.serve(lifecycle -> {
      DataDirectory directory =
          lifecycle.add("data directory", DataDirectory.take(data.directory()));
      LogConfiguration.writeTo(directory.resolve("logs"));
      Wiring.workerAlone(remote, directory, lifecycle);
      System.out.println("slipway worker ready " + remote.url());
      System.out.flush();
    });
    return 0;
  }
}
