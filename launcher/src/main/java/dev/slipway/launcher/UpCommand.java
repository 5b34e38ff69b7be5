package dev.slipway.launcher;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "up",
    description = "Run server and worker in the foreground until Ctrl-C or SIGTERM.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
  @Mixin private ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = options.configuration();
    Foreground.serve(lifecycle -> SlipwayServer.start(configuration, Wiring::allInOne, lifecycle));
    return 0;
  }
}
