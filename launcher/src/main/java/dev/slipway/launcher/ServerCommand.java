package dev.slipway.launcher;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "server",
    description =
        "Run the server alone; workers on this and other machines join it with the token in"
            + " DIR/worker-token.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
  @Mixin private ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = options.configuration();
    Foreground.serve(
        lifecycle -> SlipwayServer.start(configuration, Wiring::serverAlone, lifecycle));
    return 0;
  }
}
