package dev.slipway.launcher;

import dev.slipway.controlplane.storage.DatabaseAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "up",
    description = "Run server and worker in the foreground until Ctrl-C or SIGTERM.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where clients reach it (default: ${DEFAULT-VALUE}).",
      defaultValue = "127.0.0.1:8470",
      converter = ListenAddress.Converter.class)
  private @Nullable ListenAddress listen;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "An external PostgreSQL, postgresql://USER:PASSWORD@HOST:PORT/NAME (default: one of its"
              + " own in the data directory).")
  private @Nullable String database;

  @Option(
      names = "--stop-when-ready",
      hidden = true,
      description = "Stop at once after the start: for making the start cache.")
  private boolean stopWhenReady;

  @Override
  public Integer call() throws InterruptedException {
    if (listen == null) {
      throw new IllegalStateException("picocli sets the default");
    }
    Configuration configuration =
        new Configuration(
            data.directory(), listen, Optional.ofNullable(database).map(DatabaseAddress::parse));
    Foreground.run(
        lifecycle -> {
          SlipwayServer.start(configuration, lifecycle);
          System.out.println("slipway ready " + configuration.listen().url());
          System.out.flush();
        },
        stopWhenReady);
    return 0;
  }
}
